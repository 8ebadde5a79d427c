"""The checker: where an older state stands last in the topic, the newest is published again, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from prometheus_client import REGISTRY

from shared.commands.command import Desk
from shared.kafka.decoding import Source, decode
from shared.kafka.heartbeat import heartbeat_key, is_heartbeat
from shared.kafka.reading import Places, TopicReader
from shared.outbox.append import Outgoing, append
from shared.states import checking, queries, tail
from shared.states.checking import TopicChecker, check_topic
from tests.ports import free_ports
from tests.shared.conftest import Produce, Published
from tests.shared.items import ITEMS, PUBLISHED, ItemState, cause, item, record_of
from tests.shared.outbox.conftest import StartRelay, start_relay, until_empty
from tests.shared.states.conftest import Outbox, store_items

__all__ = ["start_relay"]


@pytest.fixture
def checker(desk: Desk) -> TopicChecker:
    return TopicChecker(desk.settings, desk.database, PUBLISHED)


async def _become_due(outside: Any) -> None:
    await outside.execute("UPDATE derived.topic_check SET checked_at = checked_at - interval '1 hour'")


def _counted(name: str) -> float:
    return REGISTRY.get_sample_value(f"talenta_topic_check_{name}_total") or 0


async def test_an_old_state_behind_a_newer_one_is_put_right(
    checker: TopicChecker, outside: Any, outbox: Outbox, produce: Produce
) -> None:
    await store_items(outside, 3, version=2)
    await produce([item("i0000", 1), item("i0000", 2), item("i0000", 1), item("i0001", 1), item("i0001", 2)])
    republished = _counted("republished")
    assert await checker.check() is False
    assert await outbox() == [("i0000", 2)]
    assert _counted("republished") == republished + 1


async def test_what_the_outbox_still_holds_is_left_to_the_relay(
    checker: TopicChecker, desk: Desk, outside: Any, outbox: Outbox, produce: Produce
) -> None:
    await store_items(outside, 1, version=2)
    await produce([item("i0000", 1)])
    async with desk.database.transaction() as session:
        await append(session, ITEMS, [Outgoing(item("i0000", 2), cause())])
    await checker.check()
    assert await outbox() == [("i0000", 2)]


async def test_what_comes_during_the_check_is_read_before_anything_is_called_wrong(
    checker: TopicChecker, outside: Any, outbox: Outbox, produce: Produce, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store_items(outside, 1, version=2)
    await produce([item("i0000", 1)])
    settled = queries.settled

    async def then_produce(*arguments: Any) -> Any:
        found = await settled(*arguments)
        await produce([item("i0000", 2)])
        return found

    monkeypatch.setattr(queries, "settled", then_produce)
    await checker.check()
    assert await outbox() == []


async def test_much_that_comes_during_the_check_is_read_in_steps_too(
    checker: TopicChecker, outside: Any, outbox: Outbox, produce: Produce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_LONGEST_STEP", 0)
    monkeypatch.setattr(checking, "_AT_ONCE", 2)
    keys = await store_items(outside, 9, version=2)
    await produce([item("i0000", 1), item("i0001", 1)])
    settled = queries.settled

    async def while_the_relay_works(*_: Any) -> dict[str, int]:
        monkeypatch.setattr(queries, "settled", settled)
        await produce([item(key, 2) for key in ("i0000", *keys[2:] * 3)])
        return {"i0001": 2}

    monkeypatch.setattr(queries, "settled", while_the_relay_works)
    for _ in range(60):
        if not await checker.check():
            break
    assert await outbox() == [("i0001", 2)]


async def test_a_row_that_moves_on_during_the_check_is_left_alone(
    checker: TopicChecker, outside: Any, outbox: Outbox, produce: Produce, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store_items(outside, 2, version=2)
    await produce([item("i0000", 1), item("i0001", 1)])
    settled = queries.settled

    async def then_write(*arguments: Any) -> Any:
        found = await settled(*arguments)
        await outside.execute("UPDATE derived.item SET version = 3 WHERE item_id = 'i0000'")
        return found

    monkeypatch.setattr(queries, "settled", then_write)
    await checker.check()
    assert await outbox() == [("i0001", 2)]


async def test_a_check_begins_where_the_last_one_ended(
    checker: TopicChecker, outside: Any, outbox: Outbox, produce: Produce
) -> None:
    await store_items(outside, 1, version=2)
    await produce([item("i0000", 2)])
    await checker.check()
    await produce([item("i0000", 1)])
    before = _counted("records")
    assert await checker.check() is False
    assert _counted("records") == before, "another replica was here a moment ago"
    await _become_due(outside)
    await checker.check()
    assert _counted("records") == before + 1
    assert await outbox() == [("i0000", 2)]


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning(
    checker: TopicChecker, outside: Any, outbox: Outbox, produce: Produce
) -> None:
    await store_items(outside, 1, version=2)
    await produce([item("i0000", 1)])
    await outside.execute(
        "INSERT INTO derived.topic_check SELECT 'test.items', n, 1000, now() - interval '1 day' "
        "FROM generate_series(0, 3) AS n",
    )
    await checker.check()
    assert await outbox() == [("i0000", 2)]
    assert await outside.fetchval("SELECT max(next_offset) FROM derived.topic_check") == 1


async def test_a_long_check_goes_on_in_steps(
    checker: TopicChecker, outside: Any, outbox: Outbox, produce: Produce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_LONGEST_STEP", 0)
    monkeypatch.setattr(checking, "_AT_ONCE", 2)
    keys = await store_items(outside, 9, version=2)
    await produce([item(key, 1) for key in keys])
    steps = 1
    while await checker.check():
        steps += 1
    assert steps > 2
    assert sorted(await outbox()) == [(key, 2) for key in keys]


async def test_so_does_a_long_mending(
    checker: TopicChecker, outside: Any, outbox: Outbox, produce: Produce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job must say that it is alive, however many states have to wait for their turn."""
    monkeypatch.setattr(checking, "_LONGEST_STEP", 0)
    monkeypatch.setattr(checking, "PAGE", 4)
    keys = await store_items(outside, 9, version=2)
    await produce([item(key, 1) for key in keys])
    found = [len(await outbox())]
    while await checker.check():
        found.append(len(await outbox()))
    assert {4, 8, 9} <= set(found)
    assert sorted(await outbox()) == [(key, 2) for key in keys]


async def test_its_memory_is_bounded_and_it_comes_to_the_end_all_the_same(
    checker: TopicChecker, outside: Any, outbox: Outbox, produce: Produce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "MOST_LAGGING", 2)
    monkeypatch.setattr(checking, "_AT_ONCE", 2)
    keys = await store_items(outside, 9, version=2)
    await produce([item(key, 1) for key in keys])
    await checker.check()
    assert len(await outbox()) == 2
    for _ in range(20):
        # What was published again comes to stand last, as it would by the relay.
        await produce([item(key, version) for key, version in await outbox()])
        await outside.execute("TRUNCATE source.outbox")
        await _become_due(outside)
        await checker.check()
    monkeypatch.undo()
    await outside.execute("DELETE FROM derived.topic_check")
    await checker.check()
    assert await outbox() == []


async def test_records_of_others_and_versions_ahead_are_seen(
    checker: TopicChecker,
    outside: Any,
    outbox: Outbox,
    produce: Produce,
    producer: AIOKafkaProducer,
    namespace: str,
) -> None:
    await store_items(outside, 1, version=2)
    topic = namespace + ITEMS.name
    numbers = [(b"i0000", [("ce_sequence", told)]) for told in (b"x", None, b"-1", b"9" * 19)]
    for key, headers in ((b"\xff", []), (b"i\0", []), *numbers):
        await producer.send_and_wait(topic, b"{}", key=key, headers=headers, timestamp_ms=-(2**62))
    await producer.send_and_wait(topic, b"{}", key=b"i\0", headers=[("ce_sequence", b"1")])
    await produce([item("i0000", 3), item("unknown", 1)])
    ahead = _counted("ahead")
    await checker.check()
    assert _counted("ahead") == ahead + 2
    assert await outbox() == []


async def test_a_broker_that_is_away_is_outlived(desk: Desk, outside: Any) -> None:
    (port,) = free_ports(1)
    nowhere = desk.settings.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{port}"})
    assert await check_topic(nowhere, desk.database, PUBLISHED).run() is False
    assert await outside.fetchval("SELECT count(*) FROM derived.topic_check") == 0


async def test_a_broker_that_goes_away_in_the_midst_is_not_waited_for(
    checker: TopicChecker, outside: Any, outbox: Outbox, produce: Produce, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store_items(outside, 1, version=2)
    await produce([item("i0000", 1)])
    settled, read = queries.settled, TopicReader.read

    async def nothing(_: Any, start: Places, *_end: Any, **_more: Any) -> AsyncIterator[Any]:
        while True:
            yield [], start
            await asyncio.sleep(0.01)

    async def go_away(*arguments: Any) -> Any:
        await produce([item("i0000", 2)])
        monkeypatch.setattr(TopicReader, "read", nothing)
        return await settled(*arguments)

    monkeypatch.setattr(checking, "_LONGEST_STEP", 0.1)
    monkeypatch.setattr(queries, "settled", go_away)
    assert await checker.check() is True
    monkeypatch.setattr(queries, "settled", settled)
    monkeypatch.setattr(TopicReader, "read", read)
    assert await checker.check() is False
    assert await outbox() == []


async def test_how_far_it_is_behind_is_told(checker: TopicChecker, outside: Any, produce: Produce) -> None:
    await produce([item("i0000", 1)])
    await checker.check()
    assert (REGISTRY.get_sample_value("talenta_topic_check_behind_seconds") or 0) < 60
    await outside.execute("UPDATE derived.topic_check SET checked_at = now() - interval '13 hours'")
    assert await checker._is_due()
    assert (REGISTRY.get_sample_value("talenta_topic_check_behind_seconds") or 0) > 12 * 3600


async def test_a_quiet_partition_gets_one_heartbeat_and_consumers_skip_it(
    checker: TopicChecker,
    outside: Any,
    outbox: Outbox,
    producer: AIOKafkaProducer,
    namespace: str,
    start_relay: StartRelay,
    published: Published,
) -> None:
    long_ago = datetime.now(UTC) - ITEMS.segment - timedelta(hours=1)
    sent = await producer.send_and_wait(
        namespace + ITEMS.name,
        timestamp_ms=int(long_ago.timestamp() * 1000),
        **record_of(item("i0000", 1)),
    )
    await store_items(outside, 1)
    for _ in range(2):
        await checker.check()
        await _become_due(outside)
    assert [key for key, _ in await outbox()] == [heartbeat_key(sent.partition, ITEMS.partitions)]
    start_relay()
    await until_empty(outside)
    await checker.check()
    assert await outbox() == []
    records = await published()
    beat = records[-1]
    assert [is_heartbeat(record) for record in records] == [False, True]
    assert beat.partition == sent.partition
    events, dead = await decode(records, {beat.topic: Source(ITEMS, ItemState)})
    assert ([event.received.state.item_id for event in events], dead) == (["i0000"], [])


def test_every_partition_has_a_heartbeat_of_its_own() -> None:
    partitions = list(range(12))
    send_to = DefaultPartitioner()
    for partition in partitions:
        key = heartbeat_key(partition, len(partitions))
        assert send_to(key.encode(), partitions, partitions) == partition
