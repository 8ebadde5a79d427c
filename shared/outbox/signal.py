"""Waking the relay after a commit: directly where it runs in this process, else by a notification.

The notification is sent outside the write transaction, because NOTIFY inside it would let all writers commit one
after the other; and one stands for all that are asked for meanwhile.
"""

import asyncio
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final

import asyncpg
import structlog
from sqlalchemy import URL, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.outbox.gathering import LONGEST, Gathering

_log: Final = structlog.get_logger(__name__)

CHANNEL: Final = "talenta_outbox"


class RelaySignal:
    """The wake-up of one database's relay: one for each database in the process (`RelaySignal.of`)."""

    _of_database: Final[dict[URL, "RelaySignal"]] = {}
    _of_engine: Final[weakref.WeakKeyDictionary[Engine, "RelaySignal"]] = weakref.WeakKeyDictionary()
    """The same by engine: to look up a URL takes as long as a round trip."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        """Set whenever there may be new rows; the relay waits for it."""
        self._woken = 0
        self._engine: weakref.ref[Engine] | None = None
        self._served = 0
        self._asked = 0
        self._gathering = Gathering()
        self._notifying: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, engine: AsyncEngine) -> "RelaySignal":
        """The signal of this engine's database in this process; API and worker may come with an engine each."""
        return cls._of(engine.sync_engine)

    @classmethod
    def of_session(cls, session: AsyncSession) -> "RelaySignal":
        """The signal of the database that the session writes to."""
        bind = session.sync_session.bind
        if bind is None:
            raise TypeError("The session has no engine")
        return cls._of(bind.engine)

    @classmethod
    def _of(cls, engine: Engine) -> "RelaySignal":
        signal = cls._of_engine.get(engine)
        if signal is None:
            signal = cls._of_engine[engine] = cls._of_database.setdefault(engine.url, cls())
        signal.go_through(engine)
        return signal

    def go_through(self, engine: Engine) -> None:
        """Notify through this engine, the one used last, from now on."""
        # Weakly, for signals are never given up, and engines are.
        self._engine = weakref.ref(engine)

    @contextmanager
    def served(self) -> Iterator[None]:
        """While the relay is active in this process."""
        self._served += 1
        try:
            yield
        finally:
            self._served -= 1

    def woken(self) -> None:
        """Somebody has committed, here or in another process."""
        self._woken += 1
        self.event.set()

    def begin_turn(self) -> int:
        """How often the relay was woken since its last turn; who commits from now on wakes it for the next."""
        self.event.clear()
        woken, self._woken = self._woken, 0
        return woken

    def wake(self) -> None:
        """There are new rows. Never waits, never fails: at worst the relay finds them when it next looks."""
        if self._served:
            self.woken()
            return
        self._asked += 1
        if self._notifying is None or self._notifying.done():
            self._notifying = asyncio.create_task(self._notify())

    async def close(self) -> None:
        """Wait for a notification under way. Call it before an engine is disposed of; the signal stays usable."""
        if self._notifying is not None:
            await asyncio.wait({self._notifying})

    async def _notify(self) -> None:
        while self._asked:
            engine = self._engine() if self._engine else None
            if engine is None:
                return
            try:
                async with AsyncEngine(engine).connect() as connection:
                    await self._notify_through((await connection.get_raw_connection()).driver_connection)
            except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                _log.info("relay_not_notified", reason=type(error).__name__)
                self._asked = 0
                await asyncio.sleep(LONGEST)

    async def _notify_through(self, driver: Any) -> None:
        """While there are commits: to take a connection costs several times as much as to notify."""
        while asked := self._asked:
            self._asked = 0
            await driver.execute(f"NOTIFY {CHANNEL}")
            await asyncio.sleep(self._gathering.distance(asked, monotonic()))
