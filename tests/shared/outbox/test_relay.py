"""What was committed is published, in the order of its key, and nothing else is."""

import asyncio
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from shared.db.session import Database
from shared.events.envelope import Cause, cause_of
from shared.kafka.producer import producing
from shared.outbox import gathering
from shared.outbox import relay as relay_module
from shared.outbox.append import Outgoing, append
from shared.outbox.gathering import Gathering
from shared.outbox.signal import RelaySignal
from tests.shared.conditions import until
from tests.shared.conftest import Published, Stack
from tests.shared.items import ITEMS, ORIGIN, ItemState, item, record_of
from tests.shared.outbox.conftest import (
    StartRelay,
    commit,
    kill_relay_session,
    publish,
    publish_in_vain,
    until_active,
    until_empty,
)


async def _versions(published: Published) -> dict[str, list[int]]:
    versions: dict[str, list[int]] = defaultdict(list)
    for record in await published():
        state = ItemState.model_validate_json(record.value)
        assert record.key == state.key.encode()
        versions[state.item_id].append(state.version)
    return dict(versions)


async def test_a_committed_state_is_published_with_its_envelope(
    namespace: str,
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
) -> None:
    start_relay()
    cause = Cause(ORIGIN, ("score/1",), "00-trace-span-01")
    async with database.transaction() as session:
        await append(session, ITEMS, [Outgoing(item("i1", version=4, value=2), cause)])
    await until_empty(outside)
    (record,) = await published()
    headers = dict(record.headers)
    assert (record.topic, record.key) == (namespace + "test.items", b"i1")
    assert ItemState.model_validate_json(record.value) == item("i1", version=4, value=2)
    assert cause_of(headers) == cause
    assert headers["ce_id"] == b"test.items/i1@4"
    assert headers["ce_type"] == b"id.talenta.test.items.v1"


async def test_what_is_rolled_back_is_never_published(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
) -> None:
    start_relay()
    with pytest.raises(ZeroDivisionError):
        await publish_in_vain(database, item("i1"))
    await commit(database, item("i2"))
    await until_empty(outside)
    assert await _versions(published) == {"i2": [1]}


async def test_concurrent_writers_of_one_key_are_published_in_the_order_of_their_commits(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
) -> None:
    start_relay(batch_rows=3)
    await outside.execute("INSERT INTO derived.item SELECT 'i' || n, 0, 0 FROM generate_series(0, 2) AS n")

    async def write(item_id: str) -> None:
        for _ in range(8):
            async with database.transaction() as session:
                connection = await session.connection()
                raising = text(
                    "UPDATE derived.item SET version = version + 1 WHERE item_id = :i RETURNING version"
                )
                version = (await connection.execute(raising, {"i": item_id})).scalar_one()
                await publish(session, item(item_id, version))

    await asyncio.gather(*(write(f"i{writer % 3}") for writer in range(12)))
    await until_empty(outside)
    versions = await _versions(published)
    assert versions.keys() == {"i0", "i1", "i2"}
    for seen in versions.values():
        assert seen == sorted(set(seen))
        assert seen[-1] == 32


async def test_a_lower_id_that_commits_later_is_not_left_out(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
) -> None:
    start_relay()
    async with database.transaction() as late:
        await publish(late, item("i1"))
        await commit(database, item("i2"))
        await until_empty(outside)
        assert await _versions(published) == {"i2": [1]}
    await until_empty(outside)
    assert await _versions(published) == {"i1": [1], "i2": [1]}


async def test_many_changes_of_one_key_are_one_record_that_says_when_the_first_began(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
) -> None:
    async with database.transaction() as session:
        for version in range(1, 101):
            cause = Cause(ORIGIN + timedelta(seconds=version), (f"score/{version}",))
            await append(session, ITEMS, [Outgoing(item("i1", version), cause)])
    start_relay()
    await until_empty(outside)
    (record,) = await published()
    assert ItemState.model_validate_json(record.value).version == 100
    cause = cause_of(dict(record.headers))
    assert cause.origin_time == ORIGIN + timedelta(seconds=1)
    assert cause.causes == tuple(f"score/{version}" for version in range(85, 101))


async def test_commits_that_follow_each_other_are_gathered(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Gathering, "distance", lambda *_: 2.0)
    start_relay()
    for version in range(1, 11):
        await commit(database, item("i1", version=version))
        if version == 1:
            await until_empty(outside)
    await until_empty(outside)
    assert await _versions(published) == {"i1": [1, 10]}


async def test_a_commit_that_comes_alone_waits_for_nobody(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "LONGEST", 60.0)
    start_relay()
    for version in range(1, 4):
        await commit(database, item("i1", version=version))
        await until_empty(outside)
    assert await _versions(published) == {"i1": [1, 2, 3]}


async def test_rows_that_were_committed_together_wait_for_no_others(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "LONGEST", 60.0)
    start_relay()
    for version in range(1, 4):
        await commit(database, *(item(f"i{number}", version=version) for number in range(100)))
        await until_empty(outside)
    assert set(map(tuple, (await _versions(published)).values())) == {(1, 2, 3)}


async def test_a_crash_between_acknowledgement_and_deletion_publishes_twice_and_loses_nothing(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
) -> None:
    await commit(database, item("i1"), item("i2"))
    async with outside.acquire() as holder, holder.transaction():
        await holder.execute("SELECT FROM source.outbox FOR UPDATE")
        start_relay()
        await until(lambda: _published_at_least(published, 2))
        await kill_relay_session(outside)
    await until_empty(outside)
    assert await _versions(published) == {"i1": [1, 1], "i2": [1, 1]}


async def _published_at_least(published: Published, count: int) -> bool:
    return len(await published()) >= count


async def test_after_an_error_what_the_producer_still_held_is_not_sent(
    stack: Stack,
    namespace: str,
    published: Published,
) -> None:
    async def fail_after_sending() -> None:
        async with producing(stack.kafka_bootstrap_servers, client_id="test") as producer:
            await producer.send_and_wait(namespace + ITEMS.name, **record_of(item("i1", 1)))
            await producer.send(namespace + ITEMS.name, **record_of(item("i1", 2)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_sending()
    assert await _versions(published) == {"i1": [1]}


async def test_rows_written_by_somebody_who_wakes_nobody_are_found(
    database: Database,
    outside: Any,
    start_relay: StartRelay,
) -> None:
    relay = start_relay()
    await until_active(relay)
    await outside.execute(
        "INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes) "
        "VALUES ('test.items', 'i1', 1, 1, '{}', now(), '{}')",
    )
    await until_empty(outside)


async def test_a_notification_from_another_process_wakes_it_at_once(
    database: Database,
    outside: Any,
    start_relay: StartRelay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay_module, "_LOOK", 2.5)
    elsewhere = RelaySignal()
    elsewhere.go_through(database.engine.sync_engine)
    relay = start_relay(RelaySignal())
    await until_active(relay)
    await until(lambda: _is_waiting(relay._signal))
    await commit(database, item("i1"))
    elsewhere.wake()
    async with asyncio.timeout(1):
        await until_empty(outside)
    await elsewhere.close()


async def _is_waiting(signal: RelaySignal) -> bool:
    # Nothing else tells that somebody waits.
    return bool(signal.event._waiters)


async def test_what_is_there_is_published_before_it_ends(
    database: Database,
    outside: Any,
    start_relay: StartRelay,
) -> None:
    relay = start_relay(batch_rows=10)
    await until_active(relay)
    await commit(database, *(item(f"i{number}") for number in range(200)))
    relay.stop()
    await until(lambda: _inactive(relay))
    assert await outside.fetch("SELECT FROM source.outbox") == []


async def _inactive(relay: Any) -> bool:
    return not relay.active


async def test_the_age_of_the_oldest_row_is_seen_even_where_nothing_is_published(
    outside: Any,
    start_relay: StartRelay,
) -> None:
    await outside.execute(
        "INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes, created_at) "
        "VALUES ('no.such.topic', 'i1', 1, 1, '{}', now(), '{}', now() - interval '1 hour')",
    )
    start_relay()

    async def seen() -> bool:
        return (REGISTRY.get_sample_value("talenta_outbox_oldest_age_seconds") or 0) > 3600

    await until(seen)
    await outside.execute("TRUNCATE source.outbox")
    await kill_relay_session(outside)
