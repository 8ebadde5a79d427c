"""The floor of freshness: a bare chain of two insert-commits and two produce-consume hops.

The same PostgreSQL and Kafka and the same client libraries, and nothing else: no HTTP, outbox, guard, rule or sum.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.client import at_constant_rate
from shared.kafka import settings
from shared.kafka.topics import Topic, create_topics

_FIRST: Final = Topic("bench.first", key="number", partitions=1)
_SECOND: Final = Topic("bench.second", key="number", partitions=1)
_PAYLOAD: Final = b"x" * 600
"""About as long as the events of the services."""
_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS accepted (number bigint, payload bytea);
    CREATE TABLE IF NOT EXISTS computed (number bigint, payload bytea);
    TRUNCATE accepted, computed
"""
_ACCEPT: Final = "INSERT INTO accepted VALUES ($1, $2)"
_COMPUTE: Final = "INSERT INTO computed SELECT * FROM unnest($1::bigint[], $2::bytea[])"
_PATIENCE: Final = 60.0


async def bare_chain(
    database_url: str, bootstrap_servers: str, namespace: str, *, rate: int, count: int
) -> list[float]:
    """Milliseconds from the moment each of `count` inserts was due to its arrival at the end of the chain."""
    await create_topics(bootstrap_servers, namespace, topics=(_FIRST, _SECOND))
    async with (
        asyncpg.create_pool(database_url, min_size=8, max_size=8) as pool,
        _producing(bootstrap_servers) as producer,
        _consuming(bootstrap_servers, namespace + _FIRST.name) as first,
        _consuming(bootstrap_servers, namespace + _SECOND.name) as second,
    ):
        await pool.execute(_TABLES)
        chain = _Chain(pool, producer, namespace, count)
        hops = [asyncio.create_task(chain.compute(first)), asyncio.create_task(chain.arrive(second))]
        try:
            await at_constant_rate(rate, count, chain.accept)
            async with asyncio.timeout(_PATIENCE):
                await chain.whole.wait()
        finally:
            for hop in hops:
                hop.cancel()
            await asyncio.gather(*hops, return_exceptions=True)
    return [(chain.arrived[number] - due) * 1000 for number, due in chain.due.items()]


class _Chain:
    def __init__(self, pool: Any, producer: AIOKafkaProducer, namespace: str, count: int) -> None:
        self.due: dict[int, float] = {}
        self.arrived: dict[int, float] = {}
        self.whole = asyncio.Event()
        self._pool, self._producer, self._namespace, self._count = pool, producer, namespace, count

    async def accept(self, number: int, due: float) -> None:
        self.due[number] = due
        await self._pool.execute(_ACCEPT, number, _PAYLOAD)
        await self._produce(_FIRST, number)

    async def compute(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            numbers = await _numbers(consumer)
            if numbers:
                await self._pool.execute(_COMPUTE, numbers, [_PAYLOAD] * len(numbers))
                for number in numbers:
                    await self._produce(_SECOND, number)

    async def arrive(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            numbers = await _numbers(consumer)
            self.arrived.update(dict.fromkeys(numbers, time.time()))
            if len(self.arrived) >= self._count:
                self.whole.set()

    async def _produce(self, topic: Topic, number: int) -> None:
        await self._producer.send(self._namespace + topic.name, key=str(number).encode(), value=_PAYLOAD)


async def _numbers(consumer: AIOKafkaConsumer) -> list[int]:
    fetched = await consumer.getmany(timeout_ms=200, max_records=500)
    return [int(record.key) for records in fetched.values() for record in records]


@asynccontextmanager
async def _producing(bootstrap_servers: str) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, **settings.PRODUCER) as producer:
        yield producer


@asynccontextmanager
async def _consuming(bootstrap_servers: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.seek_to_end(partition)
        yield consumer
