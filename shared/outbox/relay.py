"""The relay publishes the outbox. One is active in each database; the others of its service stand by.

Order and safety rest on three things. The lock, the reading and the deleting belong to one session, so that who
lost the lock can delete nothing. A batch is deleted whole after all its acknowledgements, or not at all. After any
error the producer is thrown away and the relay begins again at the lowest id. So a record may be published twice,
but none is left out, and none of a key overtakes another.
"""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError

from shared.db.trouble import pause_before
from shared.kafka.producer import producing
from shared.metrics import outbox as metrics
from shared.outbox import rows
from shared.outbox.gathering import Gathering
from shared.outbox.session import HEARTBEAT, kept_alive, relay_session, take_lock
from shared.outbox.signal import CHANNEL, RelaySignal
from shared.waiting import set_within

_log: Final = structlog.get_logger(__name__)

_LOOK: Final = 1.0
"""Seconds after which the relay looks without having been woken; also its heartbeat."""
_LONGEST_DRAINING: Final = 5.0
_LONGEST_SENDING: Final = 300.0
"""The producer itself never gives up. While it is kept, the broker knows its records again, however late they
come; those of one that was thrown away may come behind newer states. So it is kept for longer than TCP goes on
delivering what a closed connection held, and not for ever, should it hang.
"""
_TROUBLE: Final = (
    KafkaError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


class Relay:
    """The relay of one service in one process."""

    name: Final = "relay"
    ready: Final = True

    def __init__(
        self,
        database_url: str,
        signal: RelaySignal,
        *,
        service: str,
        bootstrap_servers: str,
        namespace: str = "",
        batch_rows: int = 1000,
    ) -> None:
        self.last_loop_at = monotonic()
        self.active = False
        self._database_url = database_url
        self._signal = signal
        self._service = service
        self._bootstrap_servers = bootstrap_servers
        self._namespace = namespace
        self._batch_rows = batch_rows
        self._oldest: datetime | None = None
        self._troubles = 0
        self._stopping = asyncio.Event()
        self._drained_by = float("inf")

    def stop(self) -> None:
        """Let `run` return once what is there is published, or after a bounded time."""
        self._drained_by = monotonic() + _LONGEST_DRAINING
        self._stopping.set()
        self._signal.event.set()

    async def run(self) -> None:
        """Relay until `stop`; trouble of database and broker is outlived, whatever it is."""
        metrics.OLDEST_AGE_SECONDS.set_function(self._oldest_age)
        while not self._stopping.is_set():
            self.last_loop_at = monotonic()
            try:
                await self._relay()
            except _TROUBLE as error:
                metrics.RELAY_RESTARTS.inc()
                _log.warning("relay_restarted", reason=type(error).__name__)
                await set_within(self._stopping, pause_before(self._troubles))
                self._troubles += 1

    async def _relay(self) -> None:
        async with relay_session(self._database_url, service=self._service) as session, AsyncExitStack() as stack:
            if not await self._stand_by(session):
                return
            producer = await kept_alive(
                session,
                stack.enter_async_context(producing(self._bootstrap_servers, client_id=f"{self._service}.relay")),
                on_beat=self._beat,
            )
            await session.add_listener(CHANNEL, lambda *_: self._signal.woken())
            with self._signal.served(), metrics.RELAY_ACTIVE.track_inprogress():
                self.active = True
                try:
                    await self._publish_all(session, producer)
                finally:
                    self.active = False

    async def _stand_by(self, session: Any) -> bool:
        """Wait for the lock. False: the relay was stopped before."""
        while not self._stopping.is_set():
            self.last_loop_at = monotonic()
            # Also of a relay that stands by: where none is active, somebody must see the rows grow old.
            self._oldest = await rows.oldest(session)
            if await take_lock(session):
                return True
            await set_within(self._stopping, HEARTBEAT)
        return False

    async def _publish_all(self, session: Any, producer: AIOKafkaProducer) -> None:
        """Publish what comes until the relay is stopped and nothing is left, or its time is up."""
        gathering = Gathering()
        next_at = 0.0
        while monotonic() < self._drained_by:
            self.last_loop_at = monotonic()
            # Before reading: who commits after the reading wakes it again.
            began, woken = monotonic(), self._signal.begin_turn()
            distance = gathering.distance(woken, began)
            batch = await rows.lowest(session, self._batch_rows)
            self._oldest = batch[0].created_at if batch else None
            if batch:
                next_at = began + distance
                await self._publish(session, producer, batch)
            elif self._stopping.is_set():
                return
            # All that was there was read, and who commits from now on wakes it.
            if len(batch) < self._batch_rows and not self._stopping.is_set():
                await set_within(self._signal.event, _LOOK)
                await asyncio.sleep(max(0.0, next_at - monotonic()))

    async def _publish(self, session: Any, producer: AIOKafkaProducer, batch: list[rows.Row]) -> None:
        publications = rows.newest_of_each_key(batch)
        with metrics.BATCH_SECONDS.time():
            await kept_alive(session, self._send(producer, publications), on_beat=self._beat)
            await rows.delete(session, batch)
        self._oldest = None
        self._troubles = 0
        metrics.BATCH_ROWS.observe(len(batch))
        metrics.ROWS_DELETED.inc(len(batch))
        for topic, count in Counter(publication.topic for publication in publications).items():
            metrics.PUBLISHED.labels(topic).inc(count)

    async def _send(self, producer: AIOKafkaProducer, publications: list[rows.Publication]) -> None:
        """Send all, and wait for all to be acknowledged. Raises the first error, or TimeoutError."""
        async with asyncio.timeout(_LONGEST_SENDING):
            acknowledgements = [await self._hand_over(producer, publication) for publication in publications]
            await asyncio.gather(*acknowledgements)

    async def _hand_over(self, producer: AIOKafkaProducer, publication: rows.Publication) -> asyncio.Future[Any]:
        while True:
            # So it says where what it was given before is not acknowledged yet; of this it has taken nothing.
            with suppress(KafkaTimeoutError):
                acknowledgement: asyncio.Future[Any] = await producer.send(
                    self._namespace + publication.topic,
                    key=publication.key,
                    value=publication.payload,
                    headers=publication.headers,
                )
                return acknowledgement

    def _beat(self) -> None:
        """To wait for the broker is no standstill: a restart of the worker would not bring it back."""
        self.last_loop_at = monotonic()

    def _oldest_age(self) -> float:
        return 0.0 if self._oldest is None else (datetime.now(UTC) - self._oldest).total_seconds()
