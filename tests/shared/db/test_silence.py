"""A database that goes without a word: nobody waits long for it, and when it is back it is used again."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import monotonic
from typing import Any, Final

import pytest
import pytest_asyncio
from asyncpg import InterfaceError
from sqlalchemy.engine import make_url
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db import engine
from shared.db.engine import Role, create_engine
from shared.db.kept import KeptConnections
from shared.db.session import Database, driver_of
from shared.db.trouble import is_database_trouble
from shared.http.errors import DatabaseUnavailable
from shared.http.failures import problem_for

_BOUND: Final = 0.3
"""Seconds instead of the 5, 12 and 35 of production: none of them passes twice in one session."""

Begin = Callable[[], AbstractAsyncContextManager[AsyncSession]]


class _Door:
    """Before the server. While it is `silent`, connections stand and are taken, and no byte comes through.

    What comes while it is closed waits until it is opened, as with a server that hangs and then goes on.
    """

    def __init__(self, port: int) -> None:
        self.silent = False
        self.open = asyncio.Event()
        self.open.set()
        self.kept_waiting = asyncio.Event()
        self._port = port
        self._passing: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._port)
        for source, target in ((reader, to_server), (from_server, writer)):
            passing = asyncio.create_task(self._pass_on(source, target))
            self._passing.add(passing)
            passing.add_done_callback(self._passing.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(2**16):
                if not self.open.is_set():
                    self.kept_waiting.set()
                    await self.open.wait()
                if not self.silent:
                    target.write(data)
        finally:
            target.close()

    def fall_silent(self) -> None:
        self.silent = True

    async def close(self) -> None:
        while self._passing:
            await asyncio.wait(self._passing)


@pytest_asyncio.fixture(loop_scope="session")
async def door(core_database_url: str) -> AsyncIterator[_Door]:
    door = _Door(make_url(core_database_url).port or 5432)
    yield door
    await door.close()


@asynccontextmanager
async def _behind(door: _Door, core_database_url: str) -> AsyncIterator[Database]:
    async with await asyncio.start_server(door.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = make_url(core_database_url).set(host="127.0.0.1", port=port)
        opened = create_engine(
            url.render_as_string(hide_password=False), service="core", role=Role.API, pool_size=1
        )
        database = Database(opened)
        yield database
        await database.close()


@asynccontextmanager
async def _source(door: _Door, core_database_url: str, *, kept: bool) -> AsyncIterator[Any]:
    """Of sessions behind the door: the database itself, or a connection of it that is kept."""
    async with _behind(door, core_database_url) as database:
        connections = KeptConnections(database, 1)
        yield connections if kept else database
        await connections.release()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engine._LONGEST_ANSWER, Role.API, _BOUND)
    monkeypatch.setattr(engine, "_LONGEST_CONNECTING", _BOUND)


async def _ask(begin: Begin, between: Callable[[], None] = lambda: None) -> int:
    """What the database answers to the second question; `between` is what happens before it."""
    async with begin() as session:
        driver = await driver_of(session)
        await driver.execute("SELECT 1")
        between()
        answer: int = await driver.fetchval("SELECT 2")
    return answer


async def _failing(asking: Awaitable[int]) -> Exception:
    """The error, which comes within the bounds of an answer and of a connection: no rollback is waited for."""
    began = monotonic()
    with pytest.raises((OSError, InterfaceError)) as failed:
        await asking
    # The rest is a busy machine's.
    assert monotonic() - began < 2 * _BOUND + 2
    error: Exception = failed.value
    return error


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("reads", [False, True])
async def test_a_silent_server_is_trouble_after_a_bounded_time(
    door: _Door, core_database_url: str, *, kept: bool, reads: bool
) -> None:
    async with _source(door, core_database_url, kept=kept) as source:
        begin: Begin = source.reading if reads else source.transaction
        for asking in (_ask(begin, door.fall_silent), _ask(begin)):
            error = await _failing(asking)
            assert is_database_trouble(error)
            assert isinstance(problem_for(error), DatabaseUnavailable)
        door.silent = False
        assert await _ask(begin) == 2


@pytest.mark.parametrize("reads", [False, True])
async def test_who_comes_when_it_is_back_does_not_wait_for_what_was_silent(
    door: _Door, core_database_url: str, *, reads: bool
) -> None:
    async with _behind(door, core_database_url) as database:
        begin: Begin = database.reading if reads else database.transaction
        await _failing(_ask(begin, door.fall_silent))
        door.silent = False
        assert await _ask(begin) == 2


@pytest.mark.parametrize("kept", [False, True])
async def test_a_commit_that_is_not_answered_is_trouble(
    door: _Door, core_database_url: str, *, kept: bool
) -> None:
    async with _source(door, core_database_url, kept=kept) as source:

        async def commit() -> int:
            async with source.transaction() as session:
                answer: int = await (await driver_of(session)).fetchval("SELECT 2")
                door.fall_silent()
            return answer

        error = await _failing(commit())
        assert is_database_trouble(error)
        assert isinstance(problem_for(error), DatabaseUnavailable)
        door.silent = False
        assert await _ask(source.transaction) == 2


async def _outcome(begin: Begin) -> str:
    """What became of a transaction that ended without an error, as the server says."""
    async with begin() as session:
        xid = await (await driver_of(session)).fetchval("SELECT pg_current_xact_id()::text")
    async with begin() as session:
        status: str = await (await driver_of(session)).fetchval("SELECT pg_xact_status($1::text::xid8)", xid)
    return status


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_begin_that_arrives_too_late_begins_nothing(
    door: _Door, core_database_url: str, *, kept: bool, cancelled: bool
) -> None:
    """Its connection is in a transaction of nobody: what came next would be part of it, and never commit."""
    async with _source(door, core_database_url, kept=kept) as source:
        await _ask(source.transaction)
        door.open.clear()
        asking = asyncio.ensure_future(_ask(source.transaction))
        if cancelled:
            await door.kept_waiting.wait()
            asking.cancel()
            await asyncio.wait([asking])
            assert asking.cancelled()
        else:
            await _failing(asking)
        door.open.set()
        assert await _outcome(source.transaction) == "committed"


async def test_a_silent_host_is_asked_whether_it_is_there(core_database_url: str) -> None:
    database = Database(create_engine(core_database_url, service="core", role=Role.WORKER, pool_size=1))
    async with database.reading() as session:
        driver = await driver_of(session)
        used = driver._transport.get_extra_info("socket")
        assert used.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        for name, value in engine._STILL_THERE.items():
            if hasattr(socket, name):
                assert used.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) == value
        # It asks for us, too, so that the lock of a session does not outlive the host that holds it.
        assert await driver.fetchval("SHOW tcp_keepalives_idle") in {"30", "30s"}
    await database.close()
