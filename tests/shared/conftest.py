"""A database and topics of one test each, on the real servers."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord
from sqlalchemy.engine import make_url

from shared.db.engine import Role, create_engine
from shared.db.migrations import upgrade
from shared.db.session import Database
from shared.kafka import settings
from shared.kafka.topics import create_topics
from shared.outbox.signal import RelaySignal
from tests.shared.items import ITEMS, ItemState, record_of

_NUMBERS = count()

Produce = Callable[[Sequence[ItemState]], Awaitable[None]]
"""Produce states as the relay would, in their order."""
Published = Callable[[], Awaitable[list[ConsumerRecord]]]
"""All records of the topic of items, each partition's in its order."""


class Stack(Protocol):
    """The real servers of the test session (`tests/stack.py`)."""

    @property
    def database_url(self) -> str: ...
    @property
    def kafka_bootstrap_servers(self) -> str: ...


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def core_database_url(stack: Stack) -> AsyncIterator[str]:
    """A database of this folder, migrated as a service migrates its own."""
    name = f"test_core_{os.getpid()}"
    url = make_url(stack.database_url)
    server = await asyncpg.connect(url.render_as_string(hide_password=False))
    await server.execute(f"CREATE DATABASE {name}")
    mine = url.set(database=name).render_as_string(hide_password=False)
    await asyncio.to_thread(upgrade, Path(__file__).parent / "migrations", mine)
    yield mine
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def outside(core_database_url: str) -> AsyncIterator[Any]:
    """Connections that look at the database from outside; all tables are empty at first."""
    pool = await asyncpg.create_pool(core_database_url, min_size=1, max_size=3)
    await pool.execute(
        "TRUNCATE source.outbox, source.dead_letter, derived.consumer_offset, "
        "derived.topic_check, derived.version_floor, "
        "derived.item, derived.handled, "
        "derived.pledge RESTART IDENTITY",
    )
    yield pool
    await pool.close()


@pytest_asyncio.fixture(loop_scope="session")
async def database(core_database_url: str, outside: Any) -> AsyncIterator[Database]:
    opened = Database(create_engine(core_database_url, service="core", role=Role.WORKER, pool_size=4))
    yield opened
    await RelaySignal.of(opened.engine).close()
    await opened.close()


@asynccontextmanager
async def kafka_admin(stack: Stack) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap_servers)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


@pytest_asyncio.fixture(loop_scope="session")
async def namespace(stack: Stack) -> AsyncIterator[str]:
    """A namespace of one test, with the topic of items in it."""
    name = f"core{os.getpid()}x{next(_NUMBERS)}."
    await create_topics(stack.kafka_bootstrap_servers, name, topics=[ITEMS])
    yield name
    async with kafka_admin(stack) as client:
        await client.delete_topics([topic for topic in await client.list_topics() if topic.startswith(name)])


@pytest_asyncio.fixture(loop_scope="session")
async def producer(stack: Stack) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap_servers, **settings.PRODUCER) as started:
        yield started


@pytest.fixture
def produce(producer: AIOKafkaProducer, namespace: str) -> Produce:
    async def send(states: Sequence[ItemState]) -> None:
        sent = [await producer.send(namespace + ITEMS.name, **record_of(state)) for state in states]
        await asyncio.gather(*sent)

    return send


@pytest_asyncio.fixture(loop_scope="session")
async def published(stack: Stack, namespace: str) -> AsyncIterator[Published]:
    reader = AIOKafkaConsumer(
        namespace + ITEMS.name,
        bootstrap_servers=stack.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await reader.start()
    records: list[ConsumerRecord] = []

    async def read() -> list[ConsumerRecord]:
        for tp in reader.assignment():
            end = (await reader.end_offsets([tp]))[tp]
            while await reader.position(tp) < end:
                fetched = await reader.getmany(timeout_ms=200)
                records.extend(record for of_partition in fetched.values() for record in of_partition)
        return records

    yield read
    await reader.stop()
