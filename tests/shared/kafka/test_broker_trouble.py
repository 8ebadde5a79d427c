"""What the broker or its client fail at is tried again, from where the database is: nothing is skipped."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from aiokafka.client import ConnectionGroup
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import CorruptRecordException, KafkaConnectionError, KafkaTimeoutError

from shared.db.session import Database
from shared.kafka import consumer as consumer_module
from shared.kafka import settings
from shared.kafka.consumer import BatchConsumer
from shared.kafka.subscription import Subscription
from tests.shared.conditions import until
from tests.shared.conftest import Produce, Stack, kafka_admin
from tests.shared.items import ITEMS, ItemState, items, upsert_items
from tests.shared.kafka.conftest import GROUP, Join, handled, until_handled


@pytest_asyncio.fixture(loop_scope="session")
async def member(stack: Stack, namespace: str, database: Database) -> AsyncIterator[BatchConsumer]:
    """One that the test runs turn by turn."""
    made = BatchConsumer(
        Subscription(GROUP, {ITEMS: ItemState}, upsert_items),
        database,
        bootstrap_servers=stack.kafka_bootstrap_servers,
        namespace=namespace,
    )
    yield made
    await made._kept.release()
    await made._leave()


async def _turn_until_placed(member: BatchConsumer) -> None:
    async def placed() -> bool:
        await member._turn()
        return member._assignment.placed

    await until(placed)


async def _turn_until_handled(member: BatchConsumer, outside: Any, count: int) -> None:
    async def there() -> bool:
        await member._turn()
        return len(await handled(outside)) == count

    await until(there)


class Corruption:
    """One answer whose second partition cannot be read, once the first was taken out of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.met = False
        self._taken = 0
        self._fetched_records, self._getall = Fetcher.fetched_records, FetchResult.getall
        corruption = self

        async def fetched_records(fetcher: Fetcher, *args: Any, **how: Any) -> Any:
            corruption._taken = 0
            return await corruption._fetched_records(fetcher, *args, **how)

        def getall(result: FetchResult, most: int | None = None) -> Any:
            return corruption._take(result, most)

        monkeypatch.setattr(Fetcher, "fetched_records", fetched_records)
        monkeypatch.setattr(FetchResult, "getall", getall)

    def _take(self, result: FetchResult, most: int | None) -> Any:
        if self._taken and not self.met:
            self.met = True
            raise CorruptRecordException
        taken = self._getall(result, most)
        self._taken += len(taken)
        return taken


async def test_records_beside_a_corrupt_one_are_not_skipped(
    outside: Any, produce: Produce, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    corruption = Corruption(monkeypatch)
    await produce(items(40, keys=40))
    join()
    await until_handled(outside, 40)
    assert corruption.met
    assert await handled(outside) == {f"i{number}": [1] for number in range(40)}


async def test_a_new_client_that_does_not_start_is_tried_until_one_does(
    outside: Any, produce: Produce, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "_MOST_KAFKA_TROUBLES", 2)
    await produce(items(4, keys=4))
    member = join()
    await until_handled(outside, 4)
    troubles = 0
    getmany, start = AIOKafkaConsumer.getmany, AIOKafkaConsumer.start

    async def fetch(client: AIOKafkaConsumer, **how: Any) -> Any:
        nonlocal troubles
        if troubles < 2:
            troubles += 1
            raise KafkaConnectionError
        return await getmany(client, **how)

    async def start_at_last(client: AIOKafkaConsumer) -> None:
        nonlocal troubles
        if troubles < 5:
            troubles += 1
            raise KafkaConnectionError
        await start(client)

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", fetch)
    monkeypatch.setattr(AIOKafkaConsumer, "start", start_at_last)
    first = member._kafka

    async def over() -> bool:
        return troubles == 5

    await until(over)
    await produce(items(8, keys=4)[4:])
    await until_handled(outside, 8)
    assert member._kafka is not first
    assert await handled(outside) == {f"i{number}": [1, 2] for number in range(4)}


async def test_a_new_client_that_does_not_find_its_group_has_no_partitions_yet(
    outside: Any, produce: Produce, member: BatchConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await member._join()
    await _turn_until_placed(member)
    found = asyncio.Event()
    ensure_coordinator_known = GroupCoordinator.ensure_coordinator_known

    async def find(coordinator: GroupCoordinator) -> None:
        await found.wait()
        await ensure_coordinator_known(coordinator)

    monkeypatch.setattr(GroupCoordinator, "ensure_coordinator_known", find)
    await member._join()
    await member._turn()
    assert not member._assignment.partitions
    found.set()
    await produce(items(4, keys=4))
    await _turn_until_handled(member, outside, 4)


async def test_the_group_may_answer_later_than_a_broker_at_the_start(member: BatchConsumer) -> None:
    """It answers who joins when all have landed their batches."""
    await member._join()
    await _turn_until_placed(member)
    longest = {group: asked._request_timeout for (_, group), asked in member._kafka._client._conns.items()}
    assert longest[ConnectionGroup.COORDINATION] == 40.0 > settings.CONSUMER["request_timeout_ms"] / 1000


async def test_a_broker_that_does_not_say_where_its_logs_end_is_no_trouble_of_the_database(
    member: BatchConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence(*_: Any) -> Any:
        raise KafkaTimeoutError from TimeoutError()

    monkeypatch.setattr(AIOKafkaConsumer, "end_offsets", silence)
    await member._join()
    with pytest.raises(KafkaTimeoutError):
        await _turn_until_placed(member)


async def test_offsets_that_could_not_be_told_are_told_again(
    stack: Stack, outside: Any, produce: Produce, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "_TELLING_AGAIN", 0.1)
    commit, troubles = AIOKafkaConsumer.commit, 0

    async def commit_at_last(client: AIOKafkaConsumer, told: Any) -> None:
        nonlocal troubles
        if sum(told.values()) and troubles < 2:
            troubles += 1
            raise KafkaConnectionError
        await commit(client, told)

    monkeypatch.setattr(AIOKafkaConsumer, "commit", commit_at_last)
    member = join()
    await produce(items(4, keys=4))
    await until_handled(outside, 4)
    await until(lambda: _told(stack, member, 4))
    assert troubles == 2


async def test_who_begins_tells_where(
    stack: Stack, outside: Any, produce: Produce, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the one before him could not, and nothing new comes."""

    async def fail(*_: Any) -> None:
        raise KafkaConnectionError

    await produce(items(4, keys=4))
    with monkeypatch.context() as patched:
        patched.setattr(AIOKafkaConsumer, "commit", fail)
        first = join()
        await until_handled(outside, 4)
        first.stop()
        await until(lambda: _left(first))
    second = join()
    await until(lambda: _told(stack, second, 4))


async def _left(member: BatchConsumer) -> bool:
    return bool(member._kafka._closed)


async def _told(stack: Stack, member: BatchConsumer, count: int) -> bool:
    async with kafka_admin(stack) as admin:
        offsets = await admin.list_consumer_group_offsets(member.group)
    return count == sum(int(known.offset) for known in offsets.values())
