"""Reading a topic from one place to another, outside any group: for checks and repairs, not for consumers."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.kafka.topics import MAX_RECORD_BYTES, Topic

Places = Mapping[TopicPartition, int]
"""An offset in each partition."""

_FETCH_MILLISECONDS: Final = 500


class TopicReader:
    """All partitions of one topic."""

    def __init__(self, consumer: AIOKafkaConsumer, name: str, topic: Topic) -> None:
        self.partitions: Final = [TopicPartition(name, number) for number in range(topic.partitions)]
        self._consumer = consumer

    async def beginnings(self) -> Places:
        """The first offset that is still there."""
        beginnings: Places = await self._consumer.beginning_offsets(self.partitions)
        return beginnings

    async def ends(self) -> Places:
        """The offset that the next record will have."""
        ends: Places = await self._consumer.end_offsets(self.partitions)
        return ends

    async def read(
        self, start: Places, end: Places, *, most: int
    ) -> AsyncGenerator[tuple[Sequence[ConsumerRecord], Places], None]:
        """From `start` to `end`: records of a partition in their order, `most` at once, and how far they reach.

        What has come behind `end` may be among them.
        """
        reached = dict(start)
        unread = {tp for tp in self.partitions if start[tp] < end[tp]}
        self._consumer.assign(list(unread))
        for tp in unread:
            self._consumer.seek(tp, start[tp])
        while unread:
            fetched = await self._consumer.getmany(*unread, timeout_ms=_FETCH_MILLISECONDS, max_records=most)
            for tp in unread:
                # Where records were compacted away, the place of the next is all that tells.
                reached[tp] = await self._consumer.position(tp)
            done = {tp for tp in unread if reached[tp] >= end[tp]}
            unread -= done
            self._consumer.pause(*done)
            yield [record for of_partition in fetched.values() for record in of_partition], dict(reached)


@asynccontextmanager
async def reading(bootstrap_servers: str, namespace: str, topic: Topic) -> AsyncIterator[TopicReader]:
    """A reader of the topic, with a client of its own."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        # At least the largest record; and what a few partitions bring at once bounds the memory.
        max_partition_fetch_bytes=MAX_RECORD_BYTES + 64 * 1024,
        fetch_max_bytes=4 * 1024 * 1024,
        fetch_max_wait_ms=100,
        # Each of several brokers that are silent at the start costs this much.
        request_timeout_ms=10_000,
    )
    try:
        await consumer.start()
        yield TopicReader(consumer, namespace + topic.name, topic)
    finally:
        await consumer.stop()
