"""The database, not Kafka, says where a group goes on."""

from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import PolicyViolationError
from aiokafka.structs import TopicPartition
from prometheus_client import REGISTRY

from shared.db.session import Database
from shared.kafka import offsets
from tests.shared.conditions import until
from tests.shared.conftest import Stack, kafka_admin
from tests.shared.items import ITEMS, item, record_of
from tests.shared.kafka.conftest import GROUP, Join, handled, until_handled

TP = TopicPartition("t", 3)


async def _load(database: Database) -> offsets.Offsets:
    async with database.transaction() as session:
        return await offsets.load(session, "g", [TP, TopicPartition("t", 4)])


async def _store(database: Database, offset: int) -> None:
    async with database.transaction() as session:
        await offsets.store(session, "g", {TP: offset})


async def test_an_offset_goes_forward_only(database: Database) -> None:
    assert await _load(database) == {}
    for offset in (5, 9, 9, 7):
        await _store(database, offset)
    assert await _load(database) == {TP: 9}


async def test_an_offset_that_was_stored_anew_meanwhile_is_not_forgotten(database: Database) -> None:
    await _store(database, 9)
    async with database.transaction() as session:
        await offsets.forget(session, "g", {TP: 5})
    assert await _load(database) == {TP: 9}
    async with database.transaction() as session:
        await offsets.forget(session, "g", {TP: 9})
    assert await _load(database) == {}


@dataclass(frozen=True, slots=True)
class Log:
    """Partition 0 of the items, and how far the group is in it."""

    partition: TopicPartition
    group: str
    stack: Stack
    outside: Any
    producer: AIOKafkaProducer

    async def fill(self, count: int) -> None:
        """States of one item."""
        for version in range(1, count + 1):
            await self.producer.send_and_wait(**self.partition._asdict(), **record_of(item("i1", version)))

    async def store(self, offset: int) -> None:
        await self.outside.execute(
            "INSERT INTO derived.consumer_offset VALUES ($1, $2, 0, $3)", self.group, self.partition.topic, offset
        )

    async def stored(self) -> int | None:
        offset: int | None = await self.outside.fetchval(
            "SELECT next_offset FROM derived.consumer_offset WHERE topic = $1 AND partition = 0",
            self.partition.topic,
        )
        return offset

    async def commit_to_kafka(self, offset: int) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.stack.kafka_bootstrap_servers,
            group_id=self.group,
            enable_auto_commit=False,
        )
        consumer.assign([self.partition])
        await consumer.start()
        await consumer.commit({self.partition: offset})
        await consumer.stop()


@pytest.fixture
def log(stack: Stack, namespace: str, outside: Any, producer: AIOKafkaProducer) -> Log:
    return Log(TopicPartition(namespace + ITEMS.name, 0), namespace + GROUP, stack, outside, producer)


async def test_a_member_begins_at_the_stored_offset_whatever_kafka_says(
    log: Log, outside: Any, join: Join
) -> None:
    await log.fill(6)
    await log.commit_to_kafka(5)
    await log.store(2)
    join()
    await until_handled(outside, 4)
    assert await handled(outside) == {"i1": [3, 4, 5, 6]}


async def test_without_a_row_it_begins_at_the_beginning_whatever_kafka_says(
    log: Log, outside: Any, join: Join
) -> None:
    await log.fill(3)
    await log.commit_to_kafka(3)
    join()
    await until_handled(outside, 3)
    assert await handled(outside) == {"i1": [1, 2, 3]}


async def test_an_offset_behind_the_end_is_of_another_log_and_skips_nothing(
    log: Log, outside: Any, join: Join
) -> None:
    await log.fill(3)
    await log.store(1000)
    join()
    await until_handled(outside, 3)

    async def put_right() -> bool:
        return await log.stored() == 3

    await until(put_right)


async def test_a_log_that_ends_before_what_was_read_of_it_is_read_from_its_beginning(
    log: Log, outside: Any, join: Join
) -> None:
    """As a member meets it that runs on while its topic is made anew."""
    await log.fill(1)
    member = join()
    await until_handled(outside, 1)
    await outside.execute("UPDATE derived.consumer_offset SET next_offset = 1000")
    member._kafka.seek(log.partition, 1000)
    await log.fill(3)
    await until_handled(outside, 3)

    async def put_right() -> bool:
        return await log.stored() == 4

    await until(put_right)
    labels = {"group": log.group, "topic": log.partition.topic}
    assert REGISTRY.get_sample_value("talenta_consumer_offsets_forgotten_total", labels) == 1


async def _deleted(admin: AIOKafkaAdminClient, tp: TopicPartition, *, before: int) -> bool:
    try:
        await admin.delete_records({tp: RecordsToDelete(before_offset=before)})
    except PolicyViolationError:
        return False
    return True


async def test_an_offset_before_the_beginning_goes_on_with_what_is_left(
    stack: Stack, log: Log, outside: Any, join: Join
) -> None:
    await log.fill(4)
    await log.store(1)
    async with kafka_admin(stack) as admin:
        # Only a topic that may be deleted from lets its beginning move.
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, log.partition.topic, {"cleanup.policy": "compact,delete"})],
        )
        await until(lambda: _deleted(admin, log.partition, before=2))
    join()
    await until_handled(outside, 2)
    assert await handled(outside) == {"i1": [3, 4]}
