"""The relay's own database session: its lock is what makes one relay active, so the server must end it in time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy.engine import make_url

T = TypeVar("T")

HEARTBEAT: Final = 1.0
"""Seconds after which the session says something, so that the server does not end it."""
_LONGEST_SILENCE: Final = "3s"
"""The server ends a session that is silent this long, and with it the lock of a relay that hangs."""
_LONGEST_UNREAD: Final = "5s"
"""The same for one that does not take what the server sends."""
_LONGEST_STATEMENT: Final = 10.0
_LONGEST_CONNECTING: Final = 10.0
_LONGEST_CLOSING: Final = 2.0

_LOCK: Final = "SELECT pg_try_advisory_lock(hashtext('talenta.outbox.relay'))"


@asynccontextmanager
async def relay_session(database_url: str, *, service: str) -> AsyncIterator[Any]:
    """An asyncpg connection in autocommit, closed at the end whatever happens."""
    connection = await asyncpg.connect(
        make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False),
        timeout=_LONGEST_CONNECTING,
        command_timeout=_LONGEST_STATEMENT,
        server_settings={
            "application_name": f"{service}.relay",
            "timezone": "UTC",
            "idle_session_timeout": _LONGEST_SILENCE,
            "idle_in_transaction_session_timeout": _LONGEST_SILENCE,
            "statement_timeout": f"{_LONGEST_STATEMENT:.0f}s",
            "transaction_timeout": f"{_LONGEST_STATEMENT:.0f}s",
            "lock_timeout": _LONGEST_SILENCE,
            # Who hangs in the midst of an answer is not silent, and no time-out of a statement ends his session.
            "tcp_user_timeout": _LONGEST_UNREAD,
            # A crash of the server may bring deleted rows back, in their order: they are published once more.
            "synchronous_commit": "off",
            # Both statements find their rows by the key, at any size: planned once a session.
            "plan_cache_mode": "force_generic_plan",
            "enable_seqscan": "off",
            "jit": "off",
        },
    )
    try:
        yield connection
    finally:
        try:
            await connection.close(timeout=_LONGEST_CLOSING)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            connection.terminate()


async def take_lock(connection: Any) -> bool:
    """Whether this session is now the one that may publish; it stays so until it ends."""
    taken: bool = await connection.fetchval(_LOCK)
    return taken


async def kept_alive(connection: Any, work: Awaitable[T], *, on_beat: Callable[[], None] | None = None) -> T:
    """Wait for the work while the session goes on beating. Where the session is lost, the work is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=HEARTBEAT))[0]:
            await connection.execute("SELECT 1")
            if on_beat is not None:
                on_beat()
    except BaseException:
        task.cancel()
        await asyncio.wait({task})
        raise
    return task.result()
