"""`after-restore`: a database came back older; its topic ends with what its tables say, at higher versions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.commands.command import Desk
from shared.kafka.subscription import Received
from shared.outbox.append import Outgoing, append
from shared.states.commands import AFTER_RESTORE
from shared.states.floors import lift_restored
from shared.states.restoring import Verdict, judge
from shared.states.told import Told
from tests.shared.conftest import Produce, Published
from tests.shared.items import (
    ITEMS,
    PUBLISHED,
    UNHANDLED,
    ItemState,
    cause,
    item,
    items,
    record_of,
    upsert_items,
)
from tests.shared.outbox.conftest import StartRelay, start_relay, until_active, until_empty
from tests.shared.states.conftest import Call, Outbox

__all__ = ["start_relay"]


@pytest.mark.parametrize(
    ("version", "state", "told", "verdict"),
    [
        (3, item("i", 3), None, Verdict.AGAIN),
        (3, item("i", 3), item("i", 2), Verdict.AGAIN),
        (3, item("i", 3), item("i", 3), Verdict.SAME),
        (3, item("i", 3), item("i", 3, value=7), Verdict.RAISED),
        (3, item("i", 3), item("i", 4), Verdict.RAISED),
        (3, None, item("i", 3), Verdict.SAME),
        (3, None, item("i", 4), Verdict.RAISED),
    ],
)
def test_what_becomes_of_a_key(
    version: int, state: ItemState | None, told: ItemState | None, verdict: Verdict
) -> None:
    known = None if told is None else Told(told.version, hash(told))
    assert judge(version, state, known) is verdict


async def _store(outside: Any, *states: ItemState) -> None:
    for state in states:
        await outside.execute(
            "INSERT INTO derived.item VALUES ($1, $2, $3)", state.key, state.version, state.value
        )


async def _pending(desk: Desk, *states: ItemState) -> None:
    async with desk.database.transaction() as session:
        await append(session, ITEMS, [Outgoing(state, cause()) for state in states])


async def _newest(published: Published) -> dict[str, ItemState]:
    """What a consumer holds that takes by version what the topic tells."""
    newest: dict[str, ItemState] = {}
    for record in await published():
        state = ItemState.model_validate_json(record.value)
        if state.key not in newest or newest[state.key].version < state.version:
            newest[state.key] = state
    return newest


async def test_the_topic_follows_the_tables_again(
    call: Call,
    desk: Desk,
    outside: Any,
    outbox: Outbox,
    produce: Produce,
    published: Published,
    start_relay: StartRelay,
) -> None:
    await produce([item("same", 2), item("older", 2), item("older", 5, value=5), item("other", 3, value=3)])
    await produce([item("pending", 1), item("stale", 4, value=4), item("behind", 1), item("lost", 1)])
    await _store(outside, item("same", 2), item("older", 4, value=4), item("other", 3), item("pending", 2))
    await _store(outside, item("stale", 3), item("behind", 2), item("new", 1), item("never", 0))
    # What had not left the outbox when the snapshot was made: old by now, or still to come.
    await _pending(desk, item("stale", 2), item("stale", 3), item("pending", 2))
    printed = await call(AFTER_RESTORE, "--json")
    assert printed.status == 1
    assert printed.json == {
        "topic": "test.items",
        "records": 8,
        "unreadable": 0,
        "put_back": 0,
        "compared": 7,
        "published_again": 2,
        "raised": 3,
        "outbox_rows_removed": 2,
        "missing": 1,
        "missing_keys": ["lost"],
    }
    start_relay()
    await until_empty(outside)
    rows = await outside.fetch("SELECT * FROM derived.item WHERE version > 0")
    newest = await _newest(published)
    assert newest.pop("lost").version == 1
    assert newest == {row["item_id"]: ItemState(**row) for row in rows}
    assert (newest["older"], newest["other"]) == (item("older", 6, value=4), item("other", 4))


async def test_what_nobody_can_have_written_is_passed_over(
    call: Call,
    outside: Any,
    outbox: Outbox,
    produce: Produce,
    producer: AIOKafkaProducer,
    namespace: str,
) -> None:
    await _store(outside, item("a", 2))
    whole = record_of(item("a", 9))
    strange: list[dict[str, Any]] = [
        *(whole | {"headers": [*whole["headers"], (name, None)]} for name in ("ce_sequence", "ce_origintime")),
        record_of(item("a", 10**18)),
        record_of(item("a\0")),
        record_of(item("a" * 5000)),
    ]
    for each in strange:
        await producer.send_and_wait(namespace + ITEMS.name, **each)
    await produce([item("a", 2)])
    printed = await call(AFTER_RESTORE, "--json")
    told = printed.json
    assert (printed.status, told["records"], told["unreadable"], told["raised"]) == (0, 1, len(strange), 0)
    assert await outbox() == []


async def test_running_it_again_changes_nothing(
    call: Call, outside: Any, outbox: Outbox, produce: Produce
) -> None:
    await produce([item("a", 3), item("b", 1)])
    await _store(outside, item("a", 2), item("b", 1))
    assert (await call(AFTER_RESTORE)).status == 0
    assert await outbox() == [("a", 4)]
    printed = await call(AFTER_RESTORE)
    assert printed.text.splitlines()[1:] == [
        "0 raised above the topic and published, 0 published again",
        "0 rows of the outbox removed that the topic had already",
    ]
    assert await outbox() == [("a", 4)]


async def test_what_the_topic_alone_knows_is_put_back_where_its_state_says_all_of_it(
    call: Call, outside: Any, outbox: Outbox, produce: Produce
) -> None:
    async def put_back(session: AsyncSession, states: Sequence[ItemState]) -> int:
        free = [state for state in states if state.key != "taken"]
        await upsert_items(session, [Received(state, cause()) for state in free])
        return len(free)

    await produce([item("lost", 2, value=2), item("lost", 3, value=3), item("lost", 1), item("taken", 2)])
    await produce([item("late", 1), item("held", 3)])
    await _store(outside, item("held", 2))
    printed = await call(AFTER_RESTORE, "--json", published=replace(PUBLISHED, put_back=put_back))
    assert printed.status == 1
    assert (printed.json["put_back"], printed.json["raised"], printed.json["missing_keys"]) == (2, 1, ["taken"])
    rows = await outside.fetch("SELECT * FROM derived.item ORDER BY item_id")
    assert [ItemState(**row) for row in rows] == [item("held", 4), item("late", 1), item("lost", 3, value=3)]
    # The topic says so already.
    assert await outbox() == [("held", 4)]


async def test_what_the_tables_refuse_stays_missing_and_holds_up_nobody(
    call: Call, outside: Any, produce: Produce
) -> None:
    async def put_back(session: AsyncSession, states: Sequence[ItemState]) -> int:
        await upsert_items(session, [Received(state, cause()) for state in states])
        return len(states)

    await produce([*items(7), item("i3", 9, UNHANDLED), item("i5", 9, 2**31)])
    printed = await call(AFTER_RESTORE, "--json", published=replace(PUBLISHED, put_back=put_back))
    assert (printed.status, printed.json["put_back"], printed.json["missing_keys"]) == (1, 5, ["i3", "i5"])


async def test_it_refuses_while_a_relay_is_active(
    call: Call, outside: Any, outbox: Outbox, produce: Produce, start_relay: StartRelay
) -> None:
    await produce([item("a", 3)])
    await _store(outside, item("a", 2))
    await until_active(start_relay())
    printed = await call(AFTER_RESTORE)
    assert printed == (2, "", "a relay is active: stop all workers of this service first\n")
    assert await outside.fetchval("SELECT version FROM derived.item") == 2


async def test_lost_keys_are_listed_up_to_a_bound(
    call: Call, outside: Any, produce: Produce, producer: AIOKafkaProducer, namespace: str
) -> None:
    await produce([item(f"i{number}", 1) for number in range(5)])
    await producer.send_and_wait(namespace + ITEMS.name, b"no event", key=b"i9")
    printed = await call(AFTER_RESTORE, "--most", "2")
    assert printed.status == 1
    assert "1 records are no event of this topic" in printed.text
    assert printed.text.splitlines()[-3:] == ["5 keys stand in the topic and not in the tables:", "i0", "i1"]


async def test_a_lost_key_that_comes_again_is_raised_above_what_the_topic_told(
    call: Call, desk: Desk, outside: Any, outbox: Outbox, produce: Produce
) -> None:
    await produce([item("lost", 5), item("far", 2), item("gone", 2)])
    await call(AFTER_RESTORE)
    await _store(outside, item("lost", 1, value=7), item("far", 3))
    lifting = lift_restored(desk.database, PUBLISHED)
    assert await lifting.run() is False
    assert await outbox() == [("lost", 6)]
    floors = await outside.fetch("SELECT key, version FROM derived.version_floor")
    assert [tuple(row) for row in floors] == [("gone", 2)]
    await lifting.run()
    assert await outbox() == [("lost", 6)]


async def test_floors_never_sink(call: Call, outside: Any, produce: Produce) -> None:
    await outside.execute("INSERT INTO derived.version_floor VALUES ('lost', 9)")
    await produce([item("lost", 5)])
    await call(AFTER_RESTORE)
    assert await outside.fetchval("SELECT version FROM derived.version_floor") == 9
