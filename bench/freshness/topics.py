"""When each event of a run was handed to the broker: read from the topics afterwards, at no cost to the run."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka.topics import Topic

Ends = Mapping[TopicPartition, int]


async def ends_of(bootstrap_servers: str, namespace: str, topic: Topic) -> Ends:
    """Where the topic ends now."""
    async with _reading(bootstrap_servers) as consumer:
        partitions = [TopicPartition(namespace + topic.name, number) for number in range(topic.partitions)]
        ends: Ends = await consumer.end_offsets(partitions)
        return ends


async def published_since(bootstrap_servers: str, ends: Ends) -> dict[str, float]:
    """By key, when its first record after `ends` was published, in seconds since 1970."""
    published: dict[str, float] = {}
    async with _reading(bootstrap_servers) as consumer:
        left = {tp: end for tp, end in (await consumer.end_offsets(list(ends))).items() if end > ends[tp]}
        consumer.assign(list(left))
        for tp in left:
            consumer.seek(tp, ends[tp])
        while left:
            for tp, records in (await consumer.getmany(timeout_ms=500)).items():
                for record in records:
                    published.setdefault((record.key or b"").decode(), record.timestamp / 1000)
                if records and records[-1].offset + 1 >= left.get(tp, 0):
                    left.pop(tp, None)
    return published


@asynccontextmanager
async def _reading(bootstrap_servers: str) -> AsyncIterator[AIOKafkaConsumer]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False) as consumer:
        yield consumer
