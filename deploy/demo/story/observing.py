"""Watches the topics beside the services, to tell when each hop of one change was published."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka.topics import Topic

_PATIENCE: Final = 15.0


class Observer:
    """`async with Observer(...)`: sees what is published from now on; in no group, moving no offset."""

    def __init__(self, bootstrap_servers: str, namespace: str, topics: Sequence[Topic]) -> None:
        self._names = {f"{namespace}{topic.name}": topic for topic in topics}
        self._partitions = [
            TopicPartition(name, n) for name, t in self._names.items() for n in range(t.partitions)
        ]
        self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
        self._seen: dict[tuple[Topic, str], list[tuple[int, float]]] = {}
        self._arrived = asyncio.Condition()
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        try:
            self._consumer.assign(self._partitions)
            ends = await self._consumer.end_offsets(self._partitions)
            for partition, end in ends.items():
                self._consumer.seek(partition, end)
            self._watching = asyncio.create_task(self._watch())
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._consumer.stop()

    async def published_at(self, topic: Topic, key: str, version: int) -> float | None:
        """When `key` was first published on `topic` at `version` or above, in seconds since 1970.

        None when that is not within 15 s.
        """

        def times() -> list[float]:
            return [at for seen, at in self._seen.get((topic, key), ()) if seen >= version]

        try:
            async with asyncio.timeout(_PATIENCE), self._arrived:
                await self._arrived.wait_for(times)
        except TimeoutError:
            return None
        return min(times())

    async def _watch(self) -> None:
        async for record in self._consumer:
            place = (self._names[record.topic], (record.key or b"").decode())
            version = int(dict(record.headers)["ce_sequence"])
            async with self._arrived:
                # The time that the relay gave it when it handed it to the broker.
                self._seen.setdefault(place, []).append((version, record.timestamp / 1000))
                self._arrived.notify_all()
