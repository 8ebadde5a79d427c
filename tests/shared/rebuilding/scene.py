"""One service at work on real servers: its worker, a hand that writes into its topics, readers, a rebuild."""

import asyncio
import importlib
import os
import secrets
import sys
from abc import ABC, abstractmethod
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from random import Random
from typing import Any, Final, Self

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from deploy.local.settings import PROJECT
from deploy.local.stack import Stack
from shared.commands.command import Desk
from shared.db.engine import Role
from shared.db.session import Database
from shared.events.contract import State
from shared.events.envelope import Cause, headers_of
from shared.kafka import offsets
from shared.kafka import settings as kafka_settings
from shared.kafka.topics import Topic, create_topics
from shared.rebuilding.commands import rebuild_command
from shared.rebuilding.model import ReadModel
from shared.rebuilding.rebuild import Rebuild, rebuilding
from shared.service import Service
from shared.settings import ServiceSettings
from shared.worker import WorkerHealth, run_worker
from tests.service import connected, migrated, opened
from tests.shared.conditions import until
from tests.shared.conftest import kafka_admin

PATIENCE: Final = 60.0
Raw = tuple[Topic, bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]
"""Topic, key, value and headers of a record."""
ASKED: Final = {"apply": False, "swap": False, "most": 100, "json": False}


class Scene:
    """`rebuild` runs the command in this process, `start_rebuild` as a process of its own."""

    def __init__(
        self,
        service: Service,
        model: ReadModel,
        settings: ServiceSettings,
        database: Database,
        outside: Any,
        producer: AIOKafkaProducer,
    ) -> None:
        self.service, self.model, self.settings = service, model, settings
        self.database, self.outside = database, outside
        self._producer = producer
        self.subscriptions = service.subscriptions(database)
        self.desk = Desk(database, self.subscriptions, service.published, settings)

    async def publish(self, topic: Topic, states: Sequence[State], cause: Cause) -> None:
        """Write records as a relay would; there when it returns."""
        sent = []
        for state in states:
            headers = headers_of(
                topic=topic.name, key=state.key, version=state.version, contract=state.CONTRACT, cause=cause
            )
            sent.append(
                await self._producer.send(
                    self.settings.kafka_namespace + topic.name,
                    key=state.key.encode(),
                    value=state.model_dump_json().encode(),
                    headers=headers,
                ),
            )
        await asyncio.gather(*sent)

    async def publish_raw(self, records: Sequence[Raw]) -> None:
        """Write records as they are, be they no events at all; there when it returns."""
        sent = [
            await self._producer.send(
                self.settings.kafka_namespace + topic.name, key=key, value=value, headers=headers
            )
            for topic, key, value, headers in records
        ]
        await asyncio.gather(*sent)

    async def pretend_taken_in(self) -> None:
        """Store the topics' ends as the live tables' offsets, as if the consumers had read all of it."""
        async with AIOKafkaConsumer(bootstrap_servers=self.settings.kafka_bootstrap_servers) as consumer:
            for subscription in self.subscriptions:
                ends = await consumer.end_offsets(self.partitions_of(subscription.contracts))
                async with self.database.transaction() as session:
                    await offsets.store(session, self.settings.kafka_namespace + subscription.group, ends)

    def partitions_of(self, topics: Iterable[Topic]) -> list[TopicPartition]:
        return [
            TopicPartition(self.settings.kafka_namespace + topic.name, number)
            for topic in topics
            for number in range(topic.partitions)
        ]

    async def records(self, topic: Topic) -> list[Any]:
        """All that the topic holds now, each partition in its order."""
        found: list[Any] = []
        consumer = AIOKafkaConsumer(bootstrap_servers=self.settings.kafka_bootstrap_servers)
        async with consumer:
            partitions = self.partitions_of([topic])
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(partitions)
            while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += [record for record in records if record.value and dict(record.headers).get("ce_type")]
        return found

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """The worker: relay, consumers, jobs."""
        stopping, health = asyncio.Event(), WorkerHealth()
        running = asyncio.create_task(
            run_worker(
                self.settings,
                self.database,
                subscriptions=self.subscriptions,
                jobs=self.service.jobs(self.settings, self.database),
                stopping=stopping,
                health=health,
            ),
        )

        async def ready() -> bool:
            return health.ready

        await until(ready, PATIENCE)
        try:
            yield
        finally:
            stopping.set()
            await running

    async def until_taken_in(self, count: int) -> None:
        """Wait until so many records are behind the stored offsets, and nothing waits for relay or folder."""

        async def done() -> bool:
            taken = await self.outside.fetchval("SELECT sum(next_offset) FROM derived.consumer_offset")
            dirty = await self.outside.fetchval("SELECT to_regclass('derived.dirty') IS NOT NULL")
            waiting = await self.outside.fetchval(
                "SELECT (SELECT count(*) FROM source.outbox)"
                + (" + (SELECT count(*) FROM derived.dirty)" if dirty else "")
            )
            return (taken or 0) >= count and not waiting

        await until(done, PATIENCE)

    async def rebuild(self, model: ReadModel | None = None, **asked: Any) -> int:
        """The command's status; what it prints is on stdout."""
        command = rebuild_command(model or self.model)
        return await command.run(self.desk, Namespace(**{**ASKED, **asked}))

    def rebuilding(self) -> AbstractAsyncContextManager[Rebuild]:
        """A run, as the command opens it."""
        return rebuilding(self.desk, self.model)

    async def start_rebuild(self, *arguments: str) -> asyncio.subprocess.Process:
        name = self.service.name
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"services.{name}",
            "rebuild",
            *arguments,
            cwd=PROJECT,
            env={
                **os.environ,
                f"{name.upper()}_DATABASE_URL": self.settings.database_url,
                "KAFKA_BOOTSTRAP_SERVERS": self.settings.kafka_bootstrap_servers,
                "KAFKA_NAMESPACE": self.settings.kafka_namespace,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )


class Telling(ABC):
    """What was told to a service, and the hand that tells it more, in every run the same."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene, self.count = scene, 0
        self.chance = Random(seed)  # noqa: S311 - reproducible on purpose

    @abstractmethod
    async def tell(self, *numbers: int) -> None:
        """The next states of these people, each counted."""

    @abstractmethod
    async def tell_somebody(self) -> None:
        """The next states of whom chance picks."""

    async def taken_in(self) -> None:
        await self.scene.until_taken_in(self.count)

    @asynccontextmanager
    async def working(self, *numbers: int) -> AsyncIterator[Self]:
        """The worker has taken these in, and goes on working."""
        async with self.scene.working():
            await self.tell(*numbers)
            await self.taken_in()
            yield self


@asynccontextmanager
async def scene_of(stack: Stack, name: str) -> AsyncIterator[Scene]:
    """A database and topics of its own, gone at the end."""
    service: Service = importlib.import_module(f"services.{name}.__main__").SERVICE
    model: ReadModel = importlib.import_module(f"services.{name}.rebuilding.service").READ_MODEL
    namespace = f"rebuild{os.getpid()}{secrets.token_hex(2)}."
    servers = stack.kafka_bootstrap_servers
    await create_topics(servers, namespace)
    async with (
        migrated(stack, name) as url,
        opened(url, name, Role.WORKER, pool_size=12) as database,
        connected(url) as outside,
        AIOKafkaProducer(bootstrap_servers=servers, **kafka_settings.PRODUCER) as producer,
    ):
        settings = service.settings(database_url=url, kafka_bootstrap_servers=servers, kafka_namespace=namespace)
        yield Scene(service, model, settings, database, outside, producer)
    async with kafka_admin(stack) as client:
        await client.delete_topics([topic for topic in await client.list_topics() if topic.startswith(namespace)])


@asynccontextmanager
async def meanwhile(step: Callable[[], Awaitable[None]], pause: float) -> AsyncIterator[None]:
    """Do the step again and again, with pauses between; an error of one is raised at the end."""
    ending = asyncio.Event()

    async def go_on() -> None:
        while not ending.is_set():
            await step()
            await asyncio.sleep(pause)

    running = asyncio.create_task(go_on())
    try:
        yield
    finally:
        ending.set()
        await running


def reading(client: httpx.AsyncClient, path: str) -> Callable[[], Awaitable[None]]:
    """A reader who accepts no failure."""

    async def read() -> None:
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text

    return read
