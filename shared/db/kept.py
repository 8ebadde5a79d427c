"""Sessions one after the other on one connection: for whoever has many small ones, such as a consumer.

To take a connection out of the pool and to give it back is a quarter of what a small batch costs
(docs/decisions/0008).
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database, reading_on, run_after_commit, transaction_on


class KeptConnection:
    """A connection that is taken with the first session, and given back by `release` or after any error."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self._driver: Any = None

    @asynccontextmanager
    async def transaction(self, *, opening: str = "") -> AsyncIterator[AsyncSession]:
        """As `Database.transaction`; the next session may begin when this one has ended.

        `opening`: as for `transaction_on`.
        """
        async with self._used(partial(transaction_on, opening=opening)) as session:
            yield session
        run_after_commit(session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """As `Database.reading`; the next session may begin when this one has ended."""
        async with self._used(reading_on) as session:
            yield session

    @asynccontextmanager
    async def _used(
        self, begin: Callable[[AsyncConnection, Any], AbstractAsyncContextManager[AsyncSession]]
    ) -> AsyncIterator[AsyncSession]:
        try:
            connection = await self._open()
            async with begin(connection, self._driver) as session:
                yield session
        except BaseException:
            # Whatever is the matter with it: the pool knows which connections may be used again.
            await self.release()
            raise

    async def release(self) -> None:
        """Give the connection back; the next session takes one again."""
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            await connection.close()

    async def _open(self) -> AsyncConnection:
        if self._connection is not None and self._driver.is_closed():
            await self.release()
        if self._connection is None:
            self._connection = await self._database.engine.connect()
            self._driver = (await self._connection.get_raw_connection()).driver_connection
        return self._connection


class KeptConnections:
    """As many connections as are used at once; at most `most` are kept while nobody does, others given back."""

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._most = most
        self._idle: list[KeptConnection] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """As `Database.transaction`."""
        async with self._taken() as kept, kept.transaction() as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """As `Database.reading`."""
        async with self._taken() as kept, kept.reading() as session:
            yield session

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[KeptConnection]:
        kept = self._idle.pop() if self._idle else KeptConnection(self._database)
        try:
            yield kept
        finally:
            if len(self._idle) < self._most:
                self._idle.append(kept)
            else:
                await kept.release()

    async def release(self) -> None:
        """Give back what nobody uses, and from now on the others as soon as nobody does."""
        self._most = 0
        while self._idle:
            await self._idle.pop().release()
