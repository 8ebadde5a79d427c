"""A backlog: what the topics of the installation hold, copied into others that only this chapter reads."""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.kafka import settings
from shared.kafka.topics import Topic, create_topics

_SILENCE: Final = 2.0
"""Seconds without a record after which a topic holds no more."""
_AT_ONCE: Final = 2_000


async def copy_records(
    bootstrap_servers: str, source: str, target: str, topics: Sequence[Topic], most: int
) -> int:
    """At most `most` records of each topic of one namespace into another; how many there were."""
    await create_topics(bootstrap_servers, target, topics=topics)
    copied = 0
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, **settings.PRODUCER) as producer:
        for topic in topics:
            copied += await _copy(bootstrap_servers, producer, topic, source, target, most)
    return copied


async def _copy(
    bootstrap_servers: str, producer: AIOKafkaProducer, topic: Topic, source: str, target: str, most: int
) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    await consumer.start()
    copied = 0
    try:
        partitions = [TopicPartition(source + topic.name, number) for number in range(topic.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        while copied < most:
            fetched = await consumer.getmany(timeout_ms=int(_SILENCE * 1000), max_records=_AT_ONCE)
            records = [record for of_partition in fetched.values() for record in of_partition][: most - copied]
            if not records:
                break
            sent = [
                await producer.send(
                    target + topic.name,
                    key=one.key,
                    value=one.value,
                    headers=list(one.headers),
                    partition=one.partition,
                )
                for one in records
            ]
            await asyncio.gather(*sent)
            copied += len(records)
    finally:
        await consumer.stop()
    return copied
