"""The batch consumer, alone in its group."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database
from shared.kafka import consumer as consumer_module
from shared.kafka import settings
from shared.kafka.consumer import BatchConsumer
from shared.kafka.subscription import Received, Subscription
from tests.shared.conditions import until
from tests.shared.conftest import Produce, Stack, kafka_admin
from tests.shared.items import ITEMS, ItemState, item, items, upsert_items
from tests.shared.kafka.conftest import GROUP, Join, handled, until_handled


async def test_every_state_is_taken_in_once_and_in_the_order_of_its_key(
    outside: Any,
    produce: Produce,
    join: Join,
) -> None:
    await produce(items(1000, keys=10))
    join(batch_records=64)
    await until_handled(outside, 1000)
    assert await handled(outside) == {f"i{key}": list(range(1, 101)) for key in range(10)}


async def test_repeated_and_reordered_states_converge(outside: Any, produce: Produce, join: Join) -> None:
    states = items(200, keys=10)
    await produce([*states, *reversed(states), *states[::7]])
    join()
    await until_handled(outside, 200)
    await until_lag_is_gone(outside, 429)
    rows = await outside.fetch("SELECT item_id, version, value FROM derived.item")
    assert {row["item_id"]: (row["version"], row["value"]) for row in rows} == {
        f"i{key}": (20, 190 + key) for key in range(10)
    }


async def until_lag_is_gone(outside: Any, records: int) -> None:
    async def read() -> bool:
        count: int = await outside.fetchval("SELECT coalesce(sum(next_offset), 0) FROM derived.consumer_offset")
        return count == records

    await until(read)


async def test_a_batch_is_never_larger_than_asked_for(outside: Any, produce: Produce, join: Join) -> None:
    sizes: list[int] = []

    async def measure(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
        sizes.append(len(received))
        await upsert_items(session, received)

    await produce(items(300))
    join(measure, batch_records=50)
    await until_handled(outside, 300)
    assert max(sizes) == 50


async def test_the_handler_gets_the_cause_unchanged(outside: Any, produce: Produce, join: Join) -> None:
    got: list[Received[ItemState]] = []

    async def keep(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
        got.extend(received)
        await upsert_items(session, received)

    await produce([item("i7")])
    join(keep)
    await until_handled(outside, 1)
    assert [received.cause.causes for received in got] == [("item-change/i7",)]


async def test_kafka_is_told_the_offsets_for_its_tools(
    stack: Stack,
    namespace: str,
    outside: Any,
    produce: Produce,
    join: Join,
) -> None:
    await produce(items(20))
    join()
    await until_handled(outside, 20)

    async def told() -> bool:
        async with kafka_admin(stack) as admin:
            offsets = await admin.list_consumer_group_offsets(namespace + GROUP)
        return sum(int(known.offset) for known in offsets.values()) == 20

    await until(told)


async def test_stopping_lets_the_batch_in_flight_land(
    stack: Stack,
    namespace: str,
    database: Database,
    outside: Any,
    produce: Produce,
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
        begun.set()
        await go_on.wait()
        await upsert_items(session, received)

    member = _member(stack, namespace, database, slowly)
    running = asyncio.create_task(member.run())
    await produce([item("i1")])
    await begun.wait()
    member.stop()
    go_on.set()
    await running
    assert await handled(outside) == {"i1": [1]}
    async with kafka_admin(stack) as admin:
        offsets = await admin.list_consumer_group_offsets(namespace + GROUP)
    assert sum(known.offset for known in offsets.values()) == 1


async def test_it_is_ready_only_after_its_first_assignment(
    stack: Stack,
    namespace: str,
    database: Database,
) -> None:
    member = _member(stack, namespace, database, upsert_items)
    assert not member.ready
    running = asyncio.create_task(member.run())

    async def ready() -> bool:
        return member.ready

    await until(ready)
    member.stop()
    await running


async def test_a_broker_that_is_away_at_the_start_is_waited_for(
    stack: Stack,
    namespace: str,
    database: Database,
    outside: Any,
    produce: Produce,
    unused_tcp_port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer_module, "_MOST_KAFKA_TROUBLES", 2)
    monkeypatch.setattr(consumer_module, "pause_before", lambda _: 0.01)
    member = BatchConsumer(
        Subscription(GROUP, {ITEMS: ItemState}, upsert_items),
        database,
        bootstrap_servers=f"127.0.0.1:{unused_tcp_port}",
        namespace=namespace,
    )
    before = _troubles(member)
    running = asyncio.create_task(member.run())
    await produce([item("i1")])
    await until(lambda: _troubled(member, before + 5))
    door = await _door(stack, unused_tcp_port)
    await until_handled(outside, 1)
    member.stop()
    await running
    door.close()


def _troubles(member: BatchConsumer) -> float:
    return REGISTRY.get_sample_value("talenta_consumer_kafka_troubles_total", {"group": member.group}) or 0


async def _troubled(member: BatchConsumer, times: float) -> bool:
    return _troubles(member) >= times


async def _door(stack: Stack, port: int) -> asyncio.Server:
    """Another address of the broker, that opens only now."""
    host, _, broker_port = stack.kafka_bootstrap_servers.rpartition(":")

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection(host, int(broker_port))
        await asyncio.gather(_pour(reader, onward_writer), _pour(onward_reader, writer))

    return await asyncio.start_server(pass_on, "127.0.0.1", port)


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while received := await source.read(65536):
        sink.write(received)
        await sink.drain()
    sink.close()


def _member(stack: Stack, namespace: str, database: Database, handle: Any) -> BatchConsumer:
    return BatchConsumer(
        Subscription(GROUP, {ITEMS: ItemState}, handle),
        database,
        bootstrap_servers=stack.kafka_bootstrap_servers,
        namespace=namespace,
    )


async def test_no_partition_waits_for_a_fetch_that_began_without_it(
    outside: Any,
    produce: Produce,
    join: Join,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(settings.CONSUMER, "fetch_max_wait_ms", 30_000)
    last: list[str] = []

    async def slowly(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
        last[:] = [received[-1].state.item_id]
        # Longer than aiokafka lets records lie in its buffer before it fetches without their partitions.
        await asyncio.sleep(0.15)
        await upsert_items(session, received)

    await produce(items(8, keys=8))
    join(slowly, batch_records=1)
    await until_handled(outside, 8)
    await produce([item(last[0], version=2)])
    await until_handled(outside, 9)
