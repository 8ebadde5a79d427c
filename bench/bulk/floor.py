"""The floor of bulk: consume events of the same form, and upsert them with `unnest` into one table, at one hop.

One transaction a batch with a version guard, as in the services; no rule, no outbox, no sum, no second hop.
"""

import asyncio
import time
from typing import Any, Final
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pydantic_core import from_json

from shared.events.contract import State
from shared.kafka import settings
from shared.kafka.topics import Topic, create_topics

_TOPIC: Final = Topic("bench.bulk", key="employee_id")
_TABLE: Final = """
    DROP TABLE IF EXISTS taken;
    CREATE TABLE taken (employee_id uuid PRIMARY KEY, version bigint NOT NULL, predikat text, jpm numeric)
        WITH (fillfactor = 70)
"""
_UPSERT: Final = """
    INSERT INTO taken AS known
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::numeric[])
    ON CONFLICT (employee_id) DO UPDATE
        SET version = EXCLUDED.version, predikat = EXCLUDED.predikat, jpm = EXCLUDED.jpm
        WHERE known.version < EXCLUDED.version
"""
_BATCH: Final = 500
_IN_FLIGHT: Final = 5_000


class BulkFloor:
    """Events are produced once and consumed in every repeat, each time as newer versions."""

    def __init__(self, database_url: str, bootstrap_servers: str, namespace: str) -> None:
        self._url, self._servers, self._topic = database_url, bootstrap_servers, namespace + _TOPIC.name
        self._namespace = namespace
        self._round, self._count = 0, 0

    async def produce(self, state: State, count: int) -> None:
        """`count` events as long as `state`, each of another employee."""
        await create_topics(self._servers, self._namespace, topics=(_TOPIC,))
        payload = state.model_dump_json().encode()
        async with AIOKafkaProducer(bootstrap_servers=self._servers, **settings.PRODUCER) as producer:
            for first in range(0, count, _IN_FLIGHT):
                keys = [str(UUID(int=number)).encode() for number in range(first, min(count, first + _IN_FLIGHT))]
                await asyncio.gather(*[await producer.send(self._topic, key=key, value=payload) for key in keys])
        self._count = count
        connection = await asyncpg.connect(self._url)
        await connection.execute(_TABLE)
        await connection.close()

    async def events_a_second(self) -> float:
        """Consume them all from the beginning."""
        connection = await asyncpg.connect(self._url)
        consumer = AIOKafkaConsumer(bootstrap_servers=self._servers, enable_auto_commit=False)
        await consumer.start()
        try:
            partitions = [TopicPartition(self._topic, number) for number in range(_TOPIC.partitions)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            self._round += 1
            began, taken = time.perf_counter(), 0
            while taken < self._count:
                taken += await self._take(consumer, connection)
            return taken / (time.perf_counter() - began)
        finally:
            await consumer.stop()
            await connection.close()

    async def _take(self, consumer: AIOKafkaConsumer, connection: Any) -> int:
        fetched = await consumer.getmany(timeout_ms=200, max_records=_BATCH)
        records = [record for of_partition in fetched.values() for record in of_partition]
        if records:
            bodies = [from_json(record.value) for record in records]
            async with connection.transaction():
                await connection.execute(
                    _UPSERT,
                    [UUID(record.key.decode()) for record in records],
                    [self._round] * len(records),
                    [body["performance"][0]["predikat"] for body in bodies],
                    [body["competency"]["jpm"] for body in bodies],
                )
        return len(records)
