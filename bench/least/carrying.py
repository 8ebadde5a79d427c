"""From an outbox to a topic and out of it again, as the design has it; and who is told of what in another process.

No lock of the relay, heartbeat or group of consumers; nothing is retried. What heads a record is each chain's own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.least.manner import Manner
from bench.least.tables import RELAY, connected
from shared.events.envelope import Headers
from shared.kafka import settings
from shared.kafka.topics import Topic

RESULTS: Final = Topic("bench.least.results", key="employee_id")
TALENTS: Final = Topic("bench.least.talents", key="employee_id")
OUTBOX: Final = "outbox"
"""The channel that wakes a relay."""
ARRIVED: Final = "arrived"
"""The channel on which is told what a worker has committed."""
_LOOK: Final = 1.0
_AT_ONCE: Final = 150
"""Records of a batch; what has arrived of them fits into one notification."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Of a process: its port, its service's database, the broker, and how it goes about its part."""

    port: int
    database_url: str
    servers: str
    namespace: str
    manner: Manner = field(default_factory=Manner)


class Outbox(NamedTuple):
    """The statement that reads it and deletes what was published, and what a record of a row is headed with."""

    look: str
    headers: Callable[[Any], Headers]


_BARE: Final = Outbox(RELAY, lambda row: [("version", str(row["version"]).encode())])


class Relay:
    """Publishes the rows when it is woken, waits for all acknowledgements, and deletes them with its next look."""

    def __init__(
        self, session: Any, producer: AIOKafkaProducer, topic: str, outbox: Outbox, manner: Manner
    ) -> None:
        self.event = asyncio.Event()
        """Set when there are new rows."""
        self._woken = 0
        self._session, self._producer, self._topic = session, producer, topic
        self._outbox, self._manner = outbox, manner

    @classmethod
    @asynccontextmanager
    async def of(cls, around: Surroundings, topic: Topic, outbox: Outbox = _BARE) -> AsyncIterator["Relay"]:
        # As the services' own: a crash may bring deleted rows back.
        session = await connected(around.database_url, synchronous_commit="off")
        async with AIOKafkaProducer(bootstrap_servers=around.servers, **settings.PRODUCER) as producer:
            relay = cls(session, producer, around.namespace + topic.name, outbox, around.manner)
            await session.add_listener(OUTBOX, lambda *_: relay.wake())
            yield relay

    def wake(self) -> None:
        """Somebody has committed new rows."""
        self._woken += 1
        self.event.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        published: list[int] = []
        next_at = 0.0
        while True:
            self.event.clear()
            distance, self._woken = self._manner.distance(self._woken), 0
            rows = await self._session.fetch(self._outbox.look, published)
            if rows:
                next_at = monotonic() + distance
                self._manner.carry(len(rows))
            sent = [await self._send(row) for row in rows]
            for acknowledged in sent:
                await acknowledged
            published = [row["id"] for row in rows]
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self.event.wait()
            if (ahead := next_at - monotonic()) > 0:
                await asyncio.sleep(ahead)

    async def _send(self, row: Any) -> Any:
        key, headers = str(row["key"]).encode(), self._outbox.headers(row)
        return await self._producer.send(self._topic, key=key, value=row["payload"], headers=headers)


class Telling:
    """Notifies other processes after a commit and outside of it; the same words meanwhile only once."""

    def __init__(self, session: Any, channel: str) -> None:
        self._session, self._channel = session, channel
        self._untold: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def of(cls, around: Surroundings, channel: str) -> Self:
        return cls(await connected(around.database_url), channel)

    def tell(self, words: str = "") -> None:
        """Does not wait."""
        self._untold[words] = None
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while self._untold:
            words = next(iter(self._untold))
            del self._untold[words]
            await self._session.execute("SELECT pg_notify($1, $2)", self._channel, words)


class Batch(NamedTuple):
    """The newest record of each key, and where the partitions go on."""

    states: dict[UUID, bytes]
    headers: list[Headers]
    versions: list[int]
    partitions: list[int]
    offsets: list[int]

    @property
    def arrived(self) -> str:
        """Who has which version now."""
        return " ".join(f"{key}@{version}" for key, version in zip(self.states, self.versions, strict=True))


def _version(headers: Headers) -> int:
    return int(headers[0][1])


@asynccontextmanager
async def coming(around: Surroundings, topic: Topic) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of all that comes from now on: whoever is not yet there must not be called ready."""
    async with AIOKafkaConsumer(bootstrap_servers=around.servers, **settings.CONSUMER) as consumer:
        # As in the services' own (shared.kafka.consumer).
        consumer._fetcher._prefetch_backoff = settings.FETCH_AGAIN_SECONDS  # noqa: SLF001
        partitions = [TopicPartition(around.namespace + topic.name, number) for number in range(topic.partitions)]
        consumer.assign(partitions)
        for partition, end in (await consumer.end_offsets(partitions)).items():
            consumer.seek(partition, end)
        yield consumer


async def consume(
    consumer: AIOKafkaConsumer,
    take: Callable[[Batch], Awaitable[None]],
    version: Callable[[Headers], int] = _version,
) -> None:
    """Every batch, one after the other, until it is cancelled."""
    while True:
        fetched = await consumer.getmany(timeout_ms=500, max_records=_AT_ONCE)
        if fetched:
            newest = {record.key: record for records in fetched.values() for record in records}
            batch = Batch(
                {UUID(key.decode()): record.value for key, record in newest.items()},
                [record.headers for record in newest.values()],
                [version(record.headers) for record in newest.values()],
                [partition.partition for partition in fetched],
                [records[-1].offset + 1 for records in fetched.values()],
            )
            await take(batch)
