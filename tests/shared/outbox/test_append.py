"""Events are written with the change, or not at all."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.db.session import Database, driver_of
from shared.events.envelope import Cause
from shared.kafka.topics import MAX_RECORD_BYTES
from shared.outbox.append import Outgoing, RecordTooLarge, Write, append, append_held_back, hold_back
from shared.outbox.signal import RelaySignal
from tests.shared.items import ITEMS, Item, ItemState, item
from tests.shared.outbox.conftest import commit, publish, publish_in_vain


async def test_rows_hold_what_the_relay_needs_in_the_given_order(database: Database, outside: Any) -> None:
    causes = [
        Cause(datetime(2026, 1, 1, tzinfo=UTC), ("a/1", "b/2"), "00-trace-span-01"),
        Cause(datetime(2026, 1, 2, tzinfo=UTC)),
    ]
    states = [item("i2", version=5, value=7), item("i1", version=1)]
    async with database.transaction() as session:
        await append(session, ITEMS, [Outgoing(*pair) for pair in zip(states, causes, strict=True)])
    rows = await outside.fetch("SELECT * FROM source.outbox ORDER BY id")
    assert [(row["topic"], row["key"], row["version"], row["contract"]) for row in rows] == [
        ("test.items", "i2", 5, 1),
        ("test.items", "i1", 1, 1),
    ]
    assert [ItemState.model_validate_json(row["payload"]) for row in rows] == states
    assert [Cause(row["origin_time"], tuple(row["causes"]), row["traceparent"]) for row in rows] == causes


async def test_ids_follow_the_order_of_many_states(database: Database, outside: Any) -> None:
    keys = [f"i{number * 7919 % 1000}" for number in range(1000)]
    await commit(database, *(item(key) for key in keys))
    rows = await outside.fetch("SELECT key FROM source.outbox ORDER BY id")
    assert [row["key"] for row in rows] == keys


async def test_no_session_keeps_ids_in_stock(outside: Any) -> None:
    # Out of its stock it would give a lower id to a later change of the same key.
    stock = (
        "SELECT seqcache FROM pg_sequence WHERE seqrelid = pg_get_serial_sequence('source.outbox', 'id')::regclass"
    )
    assert await outside.fetchval(stock) == 1


async def test_a_change_rolled_back_leaves_no_event(database: Database, outside: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        await publish_in_vain(database, item("i1"))
    assert await outside.fetch("SELECT FROM source.outbox") == []


async def test_a_state_too_large_is_refused_and_nothing_is_written(database: Database, outside: Any) -> None:
    class Large(ItemState):
        text: str

    large = Large(item_id="i1", version=1, text="x" * MAX_RECORD_BYTES)
    async with database.transaction() as session:
        with pytest.raises(RecordTooLarge, match=rf"A state of {ITEMS.name} has \d+ bytes"):
            await publish(session, item("i0"), large)
    assert await outside.fetch("SELECT FROM source.outbox") == []


async def test_what_the_session_holds_back_takes_its_locks_before_ids_are_given(database: Database) -> None:
    async with database.transaction() as session:
        session.add(Item(item_id="i1", version=1, value=1))
        await publish(session, item("i1"))
        assert not session.new


async def test_nothing_to_publish_wakes_nobody(database: Database) -> None:
    signal = RelaySignal.of(database.engine)
    signal.event.clear()
    with signal.served():
        async with database.transaction() as session:
            await append(session, ITEMS, [])
    assert not signal.event.is_set()


async def test_the_relay_here_is_woken_after_the_commit_and_not_before(database: Database) -> None:
    signal = RelaySignal.of(database.engine)
    signal.event.clear()
    with signal.served():
        async with database.transaction() as session:
            await publish(session, item("i1"))
            await publish(session, item("i2"))
            assert not signal.event.is_set()
        assert signal.event.is_set()


async def test_no_relay_is_woken_by_a_change_rolled_back(database: Database) -> None:
    signal = RelaySignal.of(database.engine)
    signal.event.clear()
    with signal.served(), pytest.raises(ZeroDivisionError):
        await publish_in_vain(database, item("i1"))
    assert not signal.event.is_set()


async def test_what_is_written_beside_goes_with_it_in_one_statement(database: Database, outside: Any) -> None:
    beside = Write("INSERT INTO derived.item VALUES ($1, $2::bigint, $3), ('i3', $2::bigint, $3)", ["i2", 4, 7])
    async with database.transaction() as session:
        await append(session, ITEMS, [Outgoing(item("i1"), Cause(datetime.now(UTC)))], beside=[beside])
    rows = await outside.fetch("SELECT item_id, version, value FROM derived.item ORDER BY item_id")
    assert [tuple(row) for row in rows] == [("i2", 4, 7), ("i3", 4, 7)]
    assert await outside.fetchval("SELECT string_agg(key, ',') FROM source.outbox") == "i1"


async def test_what_is_written_beside_may_read_the_states(database: Database, outside: Any) -> None:
    counted = Write("INSERT INTO derived.item VALUES ('count', $1, $2)", [1, 7])
    copied = Write("INSERT INTO derived.item SELECT key, version, $1::int FROM outgoing", [8])
    states = [Outgoing(item(key, version=5), Cause(datetime.now(UTC))) for key in ("i1", "i2")]
    async with database.transaction() as session:
        await append(session, ITEMS, states, beside=[counted, copied])
    rows = await outside.fetch("SELECT item_id, version, value FROM derived.item ORDER BY item_id")
    assert [tuple(row) for row in rows] == [("count", 1, 7), ("i1", 5, 8), ("i2", 5, 8)]


async def test_what_is_to_be_written_beside_no_state_is_written_alone(database: Database, outside: Any) -> None:
    async with database.transaction() as session:
        await append(session, ITEMS, [], beside=[Write("INSERT INTO derived.item VALUES ('i1', $1, $2)", [1, 7])])
    assert await outside.fetchval("SELECT count(*) FROM derived.item") == 1
    assert await outside.fetchval("SELECT count(*) FROM source.outbox") == 0


async def test_what_is_held_back_goes_with_the_last_in_one_statement(database: Database, outside: Any) -> None:
    first, second = ([Outgoing(item(key, version=5), Cause(datetime.now(UTC)))] for key in ("i2", "i1"))
    beside = Write("INSERT INTO derived.item VALUES ('beside', $1, $2)", [1, 7])
    last = Write("INSERT INTO derived.item VALUES ('last', $1, $2) RETURNING item_id, value", [1, 8])
    sent: list[Any] = []
    async with database.transaction() as session:
        hold_back(session)
        await append(session, ITEMS, first)
        await append(session, ITEMS, second, beside=[beside])
        driver = await driver_of(session)
        assert await driver.fetchval("SELECT count(*) FROM source.outbox") == 0
        with driver.query_logger(sent.append):
            assert [tuple(row) for row in await append_held_back(session, last)] == [("last", 8)]
            await asyncio.sleep(0)  # the driver tells its loggers in the next round of the loop
    # But for what a connection asks about a type that it meets for the first time.
    assert ["'last'" in one.query for one in sent if "source.outbox" in one.query] == [False, True]
    assert await outside.fetchval("SELECT string_agg(key, ',' ORDER BY id) FROM source.outbox") == "i2,i1"
    assert await outside.fetchval("SELECT count(*) FROM derived.item") == 2


async def test_where_nothing_is_held_back_the_last_goes_alone(database: Database) -> None:
    async with database.transaction() as session:
        hold_back(session)
        assert await append_held_back(session, Write("SELECT $1::int AS one", [1])) == [(1,)]
        hold_back(session)
        assert await append_held_back(session) == []


async def test_who_holds_nothing_back_any_more_writes_at_once(database: Database, outside: Any) -> None:
    async with database.transaction() as session:
        hold_back(session)
        await append_held_back(session)
        await publish(session, item("i1"))
    assert await outside.fetchval("SELECT count(*) FROM source.outbox") == 1
