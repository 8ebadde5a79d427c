"""The database, not Kafka, says where a group goes on."""

from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import PolicyViolationError
from aiokafka.structs import TopicPartition

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


async def _fill(producer: AIOKafkaProducer, topic: str, count: int) -> None:
    """States of one item in partition 0."""
    for version in range(1, count + 1):
        await producer.send_and_wait(topic, **record_of(item("i1", version)), partition=0)


async def _put(outside: Any, group: str, topic: str, offset: int) -> None:
    await outside.execute(
        "INSERT INTO derived.consumer_offset VALUES ($1, $2, 0, $3)",
        group,
        topic,
        offset,
    )


async def _commit_to_kafka(stack: Stack, group: str, topic: str, offset: int) -> None:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=stack.kafka_bootstrap_servers,
        group_id=group,
        enable_auto_commit=False,
    )
    consumer.assign([TopicPartition(topic, 0)])
    await consumer.start()
    await consumer.commit({TopicPartition(topic, 0): offset})
    await consumer.stop()


async def test_a_member_begins_at_the_stored_offset_whatever_kafka_says(
    stack: Stack,
    namespace: str,
    outside: Any,
    producer: AIOKafkaProducer,
    join: Join,
) -> None:
    topic, group = namespace + ITEMS.name, namespace + GROUP
    await _fill(producer, topic, 6)
    await _commit_to_kafka(stack, group, topic, 5)
    await _put(outside, group, topic, 2)
    join()
    await until_handled(outside, 4)
    assert await handled(outside) == {"i1": [3, 4, 5, 6]}


async def test_without_a_row_it_begins_at_the_beginning_whatever_kafka_says(
    stack: Stack,
    namespace: str,
    outside: Any,
    producer: AIOKafkaProducer,
    join: Join,
) -> None:
    topic, group = namespace + ITEMS.name, namespace + GROUP
    await _fill(producer, topic, 3)
    await _commit_to_kafka(stack, group, topic, 3)
    join()
    await until_handled(outside, 3)
    assert await handled(outside) == {"i1": [1, 2, 3]}


async def test_an_offset_behind_the_end_is_of_another_log_and_skips_nothing(
    namespace: str,
    outside: Any,
    producer: AIOKafkaProducer,
    join: Join,
) -> None:
    topic, group = namespace + ITEMS.name, namespace + GROUP
    await _fill(producer, topic, 3)
    await _put(outside, group, topic, 1000)
    join()
    await until_handled(outside, 3)

    async def put_right() -> bool:
        stored: int | None = await outside.fetchval(
            "SELECT next_offset FROM derived.consumer_offset WHERE topic = $1 AND partition = 0",
            topic,
        )
        return stored == 3

    await until(put_right)


async def _deleted(admin: AIOKafkaAdminClient, tp: TopicPartition, *, before: int) -> bool:
    try:
        await admin.delete_records({tp: RecordsToDelete(before_offset=before)})
    except PolicyViolationError:
        return False
    return True


async def test_an_offset_before_the_beginning_goes_on_with_what_is_left(
    stack: Stack,
    namespace: str,
    outside: Any,
    producer: AIOKafkaProducer,
    join: Join,
) -> None:
    topic, group = namespace + ITEMS.name, namespace + GROUP
    await _fill(producer, topic, 4)
    await _put(outside, group, topic, 1)
    async with kafka_admin(stack) as admin:
        # Only a topic that may be deleted from lets its beginning move.
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, {"cleanup.policy": "compact,delete"})],
        )
        await until(lambda: _deleted(admin, TopicPartition(topic, 0), before=2))
    join()
    await until_handled(outside, 2)
    assert await handled(outside) == {"i1": [3, 4]}
