"""What the chapters read from topics, and how they wait for a group."""

import secrets

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.topics import reading
from bench.workers.backlog import copy_records
from bench.workers.group import until_complete
from deploy.local.stack import Stack
from shared.kafka import settings
from shared.kafka.topics import Topic, create_topics

TOPICS = (Topic("bench.one", key="number"), Topic("bench.two", key="number", partitions=2))

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_backlog_is_as_many_records_of_each_topic_as_there_are_or_are_wanted(stack: Stack) -> None:
    servers, prefix = stack.kafka_bootstrap_servers, f"{stack.kafka_namespace}{secrets.token_hex(4)}."
    source, target = f"{prefix}source.", f"{prefix}target."
    for namespace in (source, target):
        await create_topics(servers, namespace, topics=TOPICS)
    async with AIOKafkaProducer(bootstrap_servers=servers, **settings.PRODUCER) as producer:
        for topic, count in zip(TOPICS, (30, 5), strict=True):
            for number in range(count):
                await producer.send_and_wait(source + topic.name, key=b"%d" % number, value=b"value")
    assert await copy_records(servers, source, target, TOPICS, most=20) == 25
    found = 0
    async with reading(servers, target, TOPICS) as reader:
        while not await reader.is_done():
            found += sum(map(len, await reader.fetch(7)))
    assert found == 25


async def test_a_group_is_complete_when_all_have_joined(stack: Stack) -> None:
    servers, name = stack.kafka_bootstrap_servers, f"{stack.kafka_namespace}{secrets.token_hex(4)}"
    await create_topics(servers, f"{name}.", topics=TOPICS)
    members = [AIOKafkaConsumer(bootstrap_servers=servers, group_id=name, **settings.CONSUMER) for _ in range(2)]
    try:
        for member in members:
            member.subscribe([f"{name}.bench.two"])
            await member.start()
        await until_complete(servers, name, 2)
        assert [len(member.assignment()) for member in members] == [1, 1]
    finally:
        for member in members:
            await member.stop()
