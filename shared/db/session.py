"""One request or batch is one transaction. Code inside never commits; the edge does, before it answers.

The driver's own connection serves bulk statements inside the same transaction (`driver_of`).
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

_AFTER_COMMIT: Final = "after_commit"


class Database:
    """Sessions of one service's database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        # Reads of one statement need no transaction: BEGIN and ROLLBACK would double their round trips.
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit on leaving, roll back on any error; then run what was asked for by `after_commit`."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            async with session.begin():
                yield session
            for call in session.info.pop(_AFTER_COMMIT, ()):
                call()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session in autocommit: every statement sees its own snapshot."""
        async with AsyncSession(self._autocommit, expire_on_commit=False) as session:
            yield session

    async def close(self) -> None:
        await self.engine.dispose()


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Run `call` once after this session's transaction has committed, however often it is asked for."""
    calls: dict[Callable[[], None], None] = session.info.setdefault(_AFTER_COMMIT, {})
    calls[call] = None


async def driver_of(session: AsyncSession) -> Any:
    """The asyncpg connection under `session`, inside the session's transaction.

    SQLAlchemy opens its transaction with the first statement that goes through it. A statement sent straight
    to the driver before that would commit by itself, so one is sent first where none was.
    """
    connection = await session.connection()
    driver: Any = (await connection.get_raw_connection()).driver_connection
    options = await connection.run_sync(lambda sync: sync.get_execution_options())
    if options.get("isolation_level") != "AUTOCOMMIT" and not driver.is_in_transaction():
        await connection.execute(text("SELECT 1"))
    return driver
