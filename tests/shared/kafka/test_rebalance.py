"""Members come and go while records arrive: nothing is lost, nothing is handled twice, order is kept."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka.structs import TopicPartition
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database
from shared.kafka.consumer import BatchConsumer
from shared.kafka.subscription import Received, Subscription
from tests.shared.conditions import until
from tests.shared.conftest import Produce, Stack
from tests.shared.items import ITEMS, ItemState, item, items, upsert_items
from tests.shared.kafka.conftest import GROUP, Join, handled, until_handled


def _partitions(member: BatchConsumer) -> frozenset[TopicPartition]:
    return member._assignment.partitions if member._assignment.placed else frozenset()


async def _until_shared(*members: BatchConsumer) -> None:
    """Wait until these members, and no others, have all partitions between them, each at least one."""

    async def shared() -> bool:
        parts = [_partitions(member) for member in members]
        return all(parts) and sum(map(len, parts)) == ITEMS.partitions

    await until(shared)


async def test_members_come_and_go_while_records_arrive(outside: Any, produce: Produce, join: Join) -> None:
    keys, rounds = 20, 60
    states = items(keys * rounds, keys=keys)

    async def produce_slowly() -> None:
        for begin in range(0, len(states), keys):
            await produce(states[begin : begin + keys])
            await asyncio.sleep(0.02)

    producing = asyncio.create_task(produce_slowly())
    first = join(batch_records=7)
    second = join(batch_records=7)
    await _until_shared(first, second)
    third = join(batch_records=7)
    await _until_shared(first, second, third)
    second.stop()
    await _until_shared(first, third)
    first.stop()
    await _until_shared(third)
    await producing
    await until_handled(outside, len(states))
    assert await handled(outside) == {f"i{key}": list(range(1, rounds + 1)) for key in range(keys)}
    rows = await outside.fetch("SELECT item_id, version FROM derived.item")
    assert {row["item_id"]: row["version"] for row in rows} == {f"i{key}": rounds for key in range(keys)}


async def test_others_get_the_partitions_only_after_the_batch_in_flight_has_landed(
    outside: Any,
    produce: Produce,
    join: Join,
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
        begun.set()
        await go_on.wait()
        await upsert_items(session, received)

    first = join(slowly)
    await _until_shared(first)
    await produce(items(40))
    await begun.wait()
    second = join()
    await until(lambda: _revoked(first))
    assert _partitions(second) == frozenset()
    go_on.set()
    await _until_shared(first, second)
    await until_handled(outside, 40)
    assert await handled(outside) == {f"i{number}": [1] for number in range(40)}


async def _revoked(member: BatchConsumer) -> bool:
    return not member._assignment.placed


async def test_a_batch_fetched_before_a_revocation_is_not_written_after_it(
    stack: Stack,
    namespace: str,
    database: Database,
    outside: Any,
    produce: Produce,
) -> None:
    member = BatchConsumer(
        Subscription(GROUP, {ITEMS: ItemState}, upsert_items),
        database,
        bootstrap_servers=stack.kafka_bootstrap_servers,
        namespace=namespace,
    )
    await produce([item("i1")])
    await member._join()
    assert await member._assignment.given_within(10)
    await member._place()
    fetched: Any = {}
    while not fetched:
        fetched = await member._fetch(5)
    epoch = member._assignment.epoch
    await member._assignment.on_partitions_revoked(member._assignment.partitions)
    await member._take(fetched, epoch)
    assert await handled(outside) == {}
    await member._leave()


async def test_a_member_without_a_partition_is_ready_and_waits(outside: Any, produce: Produce, join: Join) -> None:
    members = [join() for _ in range(ITEMS.partitions + 1)]

    async def settled() -> bool:
        parts = sorted(len(_partitions(member)) for member in members)
        return all(member.ready for member in members) and parts == [0, 1, 1, 1, 1]

    await until(settled)
    await produce(items(20))
    await until_handled(outside, 20)


async def test_a_member_in_trouble_gives_its_partitions_away(
    outside: Any,
    produce: Produce,
    join: Join,
) -> None:
    troubled = asyncio.Event()

    async def in_trouble(_session: AsyncSession, _received: Sequence[Received[ItemState]]) -> None:
        troubled.set()
        raise ConnectionResetError

    first = join(in_trouble)
    await _until_shared(first)
    await produce(items(40))
    await troubled.wait()
    second = join()
    await _until_shared(first, second)
    first.stop()
    await _until_shared(second)
    await until_handled(outside, 40)
    assert await outside.fetch("SELECT FROM source.dead_letter") == []
