"""Topics, read from their first record to where they end now."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka.topics import Topic


@dataclass(frozen=True, slots=True)
class Reader:
    """A consumer that stands at the beginning, and where its partitions end."""

    consumer: AIOKafkaConsumer
    ends: dict[TopicPartition, int]

    async def fetch(self, most: int) -> Sequence[Sequence[Any]]:
        """What has come, by partition; it may be nothing."""
        # What is buffered comes without waiting, and the client's own tasks would never have their turn.
        await asyncio.sleep(0)
        fetched = await self.consumer.getmany(timeout_ms=200, max_records=most)
        return list(fetched.values())

    async def is_done(self) -> bool:
        """Whether there is no more."""
        return all([await self.consumer.position(tp) >= end for tp, end in self.ends.items()])


@asynccontextmanager
async def reading(bootstrap_servers: str, namespace: str, topics: Sequence[Topic]) -> AsyncIterator[Reader]:
    """All partitions of these topics."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False) as consumer:
        partitions = [
            TopicPartition(namespace + topic.name, number)
            for topic in topics
            for number in range(topic.partitions)
        ]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        yield Reader(consumer, await consumer.end_offsets(partitions))
