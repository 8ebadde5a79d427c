"""Records from a producer through the broker to a consumer, in whole batches and with nothing done about them."""

from collections.abc import Sequence
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.events.envelope import Headers
from shared.kafka import settings
from shared.kafka.topics import Topic, create_topics

_TOPIC: Final = Topic("bench.parts", key="number")
_AT_ONCE: Final = 1_000


class Carrying:
    """`async with Carrying(…)`: one producer and one consumer of a topic of its own."""

    def __init__(self, bootstrap_servers: str, namespace: str) -> None:
        self._servers, self._namespace = bootstrap_servers, namespace
        self._topic = namespace + _TOPIC.name
        self._producer: Any = None
        self._consumer: Any = None

    async def __aenter__(self) -> Self:
        await create_topics(self._servers, self._namespace, topics=(_TOPIC,))
        self._producer = AIOKafkaProducer(bootstrap_servers=self._servers, **settings.PRODUCER)
        self._consumer = AIOKafkaConsumer(bootstrap_servers=self._servers, enable_auto_commit=False)
        await self._producer.start()
        await self._consumer.start()
        partitions = [TopicPartition(self._topic, number) for number in range(_TOPIC.partitions)]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_end(*partitions)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._consumer.stop()
        await self._producer.stop()

    async def produce(self, keys: Sequence[bytes], payload: bytes, headers: Headers) -> None:
        """A record for each key, 1,000 at a time, in batches made by hand: aiokafka knows nothing faster.

        Keys go to partitions by turns: the hash of a key is not counted.
        """
        for first in range(0, len(keys), _AT_ONCE):
            some = keys[first : first + _AT_ONCE]
            sent = []
            for partition in range(_TOPIC.partitions):
                batch = self._producer.create_batch()
                for key in some[partition :: _TOPIC.partitions]:
                    batch.append(key=key, value=payload, timestamp=None, headers=headers)
                sent.append(await self._producer.send_batch(batch, self._topic, partition=partition))
            for acknowledged in sent:
                await acknowledged

    async def consume(self, count: int) -> None:
        """As many records as were produced since it last was here."""
        while count > 0:
            fetched = await self._consumer.getmany(timeout_ms=200, max_records=_AT_ONCE)
            count -= sum(map(len, fetched.values()))
