"""Bulk gives way: a batch begins only while what came before it is passed on in time, so that queues stay short.

Single writes never wait. They go through the same queues, in turn; that they are fast while a million rows come in
rests on there never being much in front of them, in no hop of the whole chain (docs/decisions/0013).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Final, Self

import structlog

from shared.db.session import Database
from shared.kafka.chain import Chain
from shared.kafka.positions import Positions
from shared.kafka.topology import hops_after
from shared.metrics import pressure as metrics
from shared.outbox.pressure import look
from shared.settings import ServiceSettings
from shared.waiting import set_within

_log: Final = structlog.get_logger(__name__)

_LOOK_EVERY: Final = 0.1
_AFTER_TROUBLE: Final = 1.0
_LOOKED_ON: Final = 3.0
"""Seconds without bulk after which nobody looks any more, until the next comes."""


class NoTurn(Exception):
    """What came before was not passed on within the time that a batch waits."""


class Pace:
    """Turns of one process. `longest_delay`: seconds that what waits in the whole chain takes when a batch begins.
    `longest_wait`: seconds that a batch waits for its turn; None: as long as it takes.

    Followers that stand still or crawl are not waited for, nor is a broker that does not answer: then nothing is
    fresh anyway, and the outbox has a bound of its own.
    """

    def __init__(
        self, database: Database, positions: Positions, *, longest_delay: float, longest_wait: float | None
    ) -> None:
        self._database = database
        self._positions = positions
        self._longest_delay = longest_delay
        self._longest_wait = longest_wait
        self._chain: Chain | None = Chain()
        """None where it cannot be seen: then nobody waits."""
        self._unseen = 0
        self._seen_next = 0
        self._queue = asyncio.Lock()
        self._looked = asyncio.Event()
        self._looker: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()
        self._wanted_at = 0.0

    @classmethod
    def of(cls, settings: ServiceSettings, database: Database, *, patient: bool = False) -> Self:
        """The pace of bulk that begins in this service, by all that follows it. `patient`: never NoTurn."""
        hops = hops_after(settings.service)
        positions = Positions(settings.kafka_bootstrap_servers, settings.kafka_namespace, hops)
        return cls(
            database,
            positions,
            longest_delay=settings.bulk_longest_delay,
            longest_wait=None if patient else settings.bulk_longest_wait,
        )

    @asynccontextmanager
    async def turn(self, rows: int) -> AsyncIterator[None]:
        """Wait, in the order of arrival, until a batch of so many rows may begin; it ends with the block.

        Raises NoTurn.
        """
        began = monotonic()
        try:
            async with asyncio.timeout(self._longest_wait), self._queue:
                while not self._is_open():
                    await self._looked.wait()
                self._unseen += rows
        except TimeoutError:
            raise NoTurn from None
        finally:
            metrics.BULK_WAIT_SECONDS.observe(monotonic() - began)
        try:
            yield
        finally:
            # It is in the queues now; from the next look on it counts there.
            self._seen_next += rows

    async def close(self) -> None:
        """Nobody takes a turn any more."""
        self._ending.set()
        if self._looker is not None:
            await self._looker

    def _is_open(self) -> bool:
        self._wanted_at = monotonic()
        if self._looker is None or self._looker.done():
            self._looker = asyncio.create_task(self._look_on(), name="bulk-pace")
        if self._chain is None:
            return True
        return self._chain.delay(self._unseen) <= self._longest_delay

    async def _look_on(self) -> None:
        """Look ten times a second while there is bulk."""
        try:
            while monotonic() - self._wanted_at < _LOOKED_ON:
                seen = self._seen_next
                await self._look()
                self._seen_next -= seen
                self._unseen -= seen
                self._looked.set()
                self._looked = asyncio.Event()
                if await set_within(self._ending, _LOOK_EVERY if self._chain else _AFTER_TROUBLE):
                    break
        finally:
            self._chain = Chain()
            metrics.BULK_DELAY_SECONDS.set(0.0)
            await self._positions.close()

    async def _look(self) -> None:
        try:
            outbox = (await look(self._database)).position
            hops = await self._positions.ask()
        except Exception as error:  # noqa: BLE001 - whatever keeps this from looking must not keep bulk from going on
            _log.info("bulk_not_paced", reason=type(error).__name__)
            self._chain = None
            await self._positions.close()
        else:
            self._chain = self._chain or Chain()
            self._chain.note(monotonic(), [("outbox", outbox), *hops.items()])
            metrics.BULK_DELAY_SECONDS.set(self._chain.delay())
