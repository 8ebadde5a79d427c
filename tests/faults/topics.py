"""The topics of a system, read on from where they were read before: the last record of each key, and the ends."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.kafka.topics import ALL, Topic
from tests.faults.system import System

Ends = Mapping[TopicPartition, int]
_AT_ONCE: Final = 5000
_LONGEST_READING: Final = 60


class Topics:
    """Reads everything that is there, decodable or not."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._positions: dict[TopicPartition, int] = {}
        self._last: dict[Topic, dict[str, int]] = {topic: {} for topic in ALL}

    def partitions(self, topic: Topic) -> list[TopicPartition]:
        name = f"{self._system.namespace}{topic.name}"
        return [TopicPartition(name, number) for number in range(topic.partitions)]

    async def ends(self, topics: Iterable[Topic] = ALL) -> Ends:
        """The next offset of every partition."""
        async with self._consumer(topics) as consumer:
            return await _ends(consumer)

    async def last_versions(self) -> Mapping[Topic, Mapping[str, int]]:
        """By topic and key: the version of the last record that there is now."""
        async with self._consumer(ALL) as consumer:
            for record in await _read(consumer, self._positions, await _ends(consumer)):
                version = dict(record.headers).get("ce_sequence")
                if version is not None:
                    self._of(record)[record.key.decode()] = int(version)
        return self._last

    async def tail(self, topics: Iterable[Topic], most: int) -> list[ConsumerRecord]:
        """Up to `most` of the last records of every partition, each partition in its order."""
        async with self._consumer(topics) as consumer:
            ends = await _ends(consumer)
            begins = await consumer.beginning_offsets(list(ends))
            return await _read(consumer, {each: max(begins[each], end - most) for each, end in ends.items()}, ends)

    @asynccontextmanager
    async def _consumer(self, topics: Iterable[Topic]) -> AsyncIterator[AIOKafkaConsumer]:
        """For one question: between the questions the broker comes and goes."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self._system.servers.kafka)
        try:
            await consumer.start()
            consumer.assign([each for topic in topics for each in self.partitions(topic)])
            yield consumer
        finally:
            await consumer.stop()

    def _of(self, record: ConsumerRecord) -> dict[str, int]:
        name = record.topic.removeprefix(self._system.namespace)
        return next(last for topic, last in self._last.items() if topic.name == name)


async def _ends(consumer: AIOKafkaConsumer) -> Ends:
    ends: Ends = await consumer.end_offsets(list(consumer.assignment()))
    return ends


async def _read(
    consumer: AIOKafkaConsumer, positions: dict[TopicPartition, int], ends: Ends
) -> list[ConsumerRecord]:
    """From the positions, which move, at least up to the ends."""
    found: list[ConsumerRecord] = []
    for partition in ends:
        consumer.seek(partition, positions.setdefault(partition, 0))
    async with asyncio.timeout(_LONGEST_READING):
        while left := [each for each, end in ends.items() if positions[each] < end]:
            fetched = await consumer.getmany(*left, timeout_ms=500, max_records=_AT_ONCE)
            for partition, records in fetched.items():
                # Also what came behind those ends: the position moves past it, so that nobody reads it again.
                found += records
                positions[partition] = records[-1].offset + 1
    return found
