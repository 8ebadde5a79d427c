"""Waking the relay after a commit: directly where it runs in this process, else by a notification.

The notification is sent outside the write transaction, because NOTIFY inside it would let all writers commit one
after the other; and one stands for all that are asked for meanwhile.
"""

import asyncio
import logging
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import asyncpg
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

log = logging.getLogger(__name__)

CHANNEL: Final = "talenta_outbox"
CYCLE: Final = 0.02
"""Seconds from the beginning of one batch of the relay to the next, and between two notifications of a process.

What is committed after a pause is published at once. What keeps coming is gathered, once for all the chain: every
consumer behind the relay gets it together (docs/decisions/0015).
"""


class RelaySignal:
    """The wake-up of one database's relay: one for each database in the process (`RelaySignal.of`)."""

    _of_database: Final[dict[URL, "RelaySignal"]] = {}

    def __init__(self) -> None:
        self.event = asyncio.Event()
        """Set whenever there may be new rows; the relay waits for it."""
        self._engine: weakref.ref[AsyncEngine] | None = None
        self._served = 0
        self._asked = False
        self._notifying: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, engine: AsyncEngine) -> "RelaySignal":
        """The signal of this engine's database in this process; API and worker may come with an engine each."""
        signal = cls._of_database.setdefault(engine.url, cls())
        signal.go_through(engine)
        return signal

    @classmethod
    def of_session(cls, session: AsyncSession) -> "RelaySignal":
        """The signal of the database that the session writes to."""
        bind = session.bind
        if bind is None:
            raise TypeError("The session has no engine")
        return cls.of(bind.engine if isinstance(bind, AsyncConnection) else bind)

    def go_through(self, engine: AsyncEngine) -> None:
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

    def wake(self) -> None:
        """There are new rows. Never waits, never fails: at worst the relay finds them when it next looks."""
        if self._served:
            self.event.set()
            return
        self._asked = True
        if self._notifying is None or self._notifying.done():
            self._notifying = asyncio.create_task(self._notify())

    async def close(self) -> None:
        """Wait for a notification under way. Call it before an engine is disposed of; the signal stays usable."""
        if self._notifying is not None:
            await asyncio.wait({self._notifying})

    async def _notify(self) -> None:
        while self._asked:
            self._asked = False
            engine = self._engine() if self._engine else None
            if engine is None:
                return
            try:
                async with engine.connect() as connection:
                    driver: Any = (await connection.get_raw_connection()).driver_connection
                    await driver.execute(f"NOTIFY {CHANNEL}")
            except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                log.info("relay not notified: %s", type(error).__name__)
            await asyncio.sleep(CYCLE)
