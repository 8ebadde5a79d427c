"""One request or batch is one transaction. Code inside never commits; the edge does, before it answers.

The driver's own connection serves bulk statements inside the same transaction (`driver_of`).
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

_AFTER_COMMIT: Final = "after_commit"
_DRIVER: Final = "driver"
_NOTIFIED: Final = "notified"
_SNAPSHOT: Final = "ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Database:
    """Sessions of one service's database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit on leaving, roll back on any error; then run what was asked for by `after_commit`."""
        async with self._within() as session:
            yield session
        run_after_commit(session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session without a transaction: every statement sees its own snapshot. The first takes a connection."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            with _ended_by_silence(session):
                yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads, and in which all statements see one state of the database. Keep it short."""
        async with self._within(_SNAPSHOT) as session:
            yield session

    @asynccontextmanager
    async def _within(self, mode: str = "") -> AsyncIterator[AsyncSession]:
        async with self.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            async with transaction_on(connection, driver, mode) as session:
                yield session

    async def close(self) -> None:
        await self.engine.dispose()


class NotCommitted(ConnectionError):
    """Of the transaction nothing was written, though no statement failed. Begin again."""


@asynccontextmanager
async def transaction_on(
    connection: AsyncConnection, driver: Any, mode: str = "", *, opening: str = ""
) -> AsyncIterator[AsyncSession]:
    """A session in a transaction on `driver`, which lies under `connection`.

    `opening`: a statement that takes no arguments, whose result nobody needs, and that is sent along with BEGIN.
    """
    session = AsyncSession(bind=connection, expire_on_commit=False, info={_DRIVER: driver})
    try:
        with _terminated_by_failure(driver):
            if driver.is_in_transaction():
                raise NotCommitted  # whoever began it did not end it: his part must not be written with ours
            await driver.execute(f"BEGIN {mode}; {opening}")
        try:
            with _ended_by_silence(session):
                yield session
            # Of what goes through the driver alone it knows nothing; to flush it and close it costs a statement.
            if session.in_transaction():
                await session.flush()
        except BaseException:
            if not driver.is_closed():
                with _terminated_by_failure(driver):
                    await driver.execute("ROLLBACK")
            raise
        with _terminated_by_failure(driver):
            await _commit(driver, session)
    finally:
        # Not by `async with`, which makes a task of it: the connection is held outside of the session.
        if session.in_transaction():
            await session.close()


async def _commit(driver: Any, session: AsyncSession) -> None:
    """In one round trip with the notifications, each of which is a transaction of its own behind it.

    Raises NotCommitted where a statement had failed whose error went no further: COMMIT then answers ROLLBACK, and
    no error. That is seen only where nobody is notified: of several commands the last one's answer is told.
    """
    notified = session.info.pop(_NOTIFIED, {})
    done = await driver.execute("; ".join(["COMMIT", *notified]))
    if done == "ROLLBACK" or driver.is_in_transaction():
        raise NotCommitted


@asynccontextmanager
async def reading_on(connection: AsyncConnection, driver: Any) -> AsyncIterator[AsyncSession]:
    """A session without a transaction, on `driver`, which lies under `connection`."""
    session = AsyncSession(bind=connection, expire_on_commit=False, info={_DRIVER: driver})
    try:
        with _ended_by_silence(session):
            yield session
    finally:
        if session.in_transaction():
            await session.close()


@contextmanager
def _terminated_by_failure(driver: Any) -> Iterator[None]:
    """Whatever happens to a statement that begins or ends a transaction, or if nobody waits for it any more.

    It may still take effect, be it later. Then the connection is in a transaction that nobody ends, or that the
    driver takes for the outer one of the next: its end would be a savepoint's, and all of it would be lost.
    """
    try:
        yield
    except BaseException:
        driver.terminate()
        raise


@contextmanager
def _ended_by_silence(session: AsyncSession) -> Iterator[None]:
    """A server that did not answer in time would not answer a rollback either: the connection ends at once."""
    try:
        yield
    except TimeoutError:
        if _DRIVER in session.info:
            session.info[_DRIVER].terminate()
        raise


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Run `call` once after this session's transaction has committed, however often it is asked for."""
    calls: dict[Callable[[], None], None] = session.info.setdefault(_AFTER_COMMIT, {})
    calls[call] = None


def notify_after_commit(session: AsyncSession, channel: str, payload: str = "") -> None:
    """Notify this channel of the database when this session's transaction has committed, once of each payload.

    A notification inside of it would let all writers commit one after the other.
    """
    quoted = payload.replace("'", "''")
    # Not NOTIFY, which counts as another statement for each payload in the server's statistics.
    session.info.setdefault(_NOTIFIED, {})[f"SELECT pg_notify('{channel}', '{quoted}')"] = None


def run_after_commit(session: AsyncSession) -> None:
    """Do what was asked for by `after_commit`; for who ends a transaction."""
    for call in session.info.pop(_AFTER_COMMIT, ()):
        call()


@asynccontextmanager
async def savepoint(session: AsyncSession) -> AsyncIterator[None]:
    """What raises inside is undone alone, and the transaction goes on."""
    async with session.begin_nested():
        # SQLAlchemy sets it with the first statement that goes through it: too late for one that goes past it.
        await session.connection()
        yield


async def driver_of(session: AsyncSession) -> Any:
    """The asyncpg connection under a session of `Database`, inside the session's transaction where it has one."""
    if _DRIVER not in session.info:
        connection = await session.connection()
        session.info[_DRIVER] = (await connection.get_raw_connection()).driver_connection
    return session.info[_DRIVER]
