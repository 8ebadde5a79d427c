"""Engines by role. Every session is bounded on both sides.

The server bounds us, so that a stopped process cannot hold locks for long. `tcp_user_timeout` is for one that
stopped in the midst of an answer: while the server waits for it to read on, no other bound ends its session.

We bound the server, so that nobody waits for one that went without a word: its host lost power, or a network
between us drops everything. Our kernel asks silent hosts whether they are there, and within seconds closes what is
gone, in use or not. `_LONGEST_ANSWER` is for a host that is there and a server that hangs on it, or for a proxy
before one that is gone.
"""

import socket
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.metrics.db import observe_pool


class Role(StrEnum):
    """What a process does; its sessions are bounded accordingly."""

    API = "api"
    WORKER = "worker"
    REBUILD = "rebuild"


_BOUNDS: Final[dict[Role, dict[str, str]]] = {
    Role.API: {
        "statement_timeout": "10s",
        "idle_in_transaction_session_timeout": "10s",
        "transaction_timeout": "30s",
        "tcp_user_timeout": "30s",
    },
    Role.WORKER: {
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "15s",
        "transaction_timeout": "60s",
        "tcp_user_timeout": "60s",
    },
    # Writes tables that nobody else knows, and may begin again when they are lost.
    Role.REBUILD: {
        "statement_timeout": "30min",
        "idle_in_transaction_session_timeout": "60s",
        "tcp_user_timeout": "60s",
        "synchronous_commit": "off",
        "work_mem": "64MB",
        "maintenance_work_mem": "256MB",
    },
}

_LONGEST_ANSWER: Final[dict[Role, float]] = {Role.API: 12, Role.WORKER: 35, Role.REBUILD: 31 * 60}
"""Seconds: somewhat more than `statement_timeout`, so that a server that lives is the one to end a statement."""
_LONGEST_CONNECTING: Final = 5.0

_STILL_THERE: Final[dict[str, int]] = {
    "TCP_KEEPIDLE": 5,
    "TCP_KEEPINTVL": 2,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 10_000,
}
"""When our kernel asks a silent host, and gives it up: about 10 seconds after its last word."""
STILL_THERE_SERVER: Final[dict[str, str]] = {
    "tcp_keepalives_idle": "30s",
    "tcp_keepalives_interval": "10s",
    "tcp_keepalives_count": "3",
}
"""The same for the server: the lock of a command (`rebuild`, `after-restore`) goes with the host it ran on."""

_PLANNING: Final[dict[Role, str]] = {
    # The same few statements, thousands of times: where a plan for all parameters is as good, it is planned once.
    Role.API: "auto",
    # Its tables change by the batch: a plan for all parameters, made on an empty table, stays bad for hours.
    Role.WORKER: "force_custom_plan",
    Role.REBUILD: "force_custom_plan",
}

_BY_INDEX: Final[dict[str, str]] = {
    # Planned once a session, and the same at any size: never through a whole table, be it empty at that moment.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
}


def asyncpg_url(database_url: str) -> str:
    """The URL as SQLAlchemy's asyncpg dialect wants it."""
    return make_url(database_url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def create_engine(
    database_url: str,
    *,
    service: str,
    role: Role,
    pool_size: int,
    by_index: bool = False,
    connection_class: type[Any] | None = None,
) -> AsyncEngine:
    """An engine whose sessions run read committed, in UTC, and bear `service.role` as their name.

    `by_index` is for those whose statements all find their rows by an index, be it through arrays, of which the
    planner expects ten elements where it does not know them: planning is most of their cost.
    `connection_class` is the driver's, where it is to be another (`shared.rebuilding.redirection`).
    """
    engine = create_async_engine(
        asyncpg_url(database_url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=False,
        # SQLAlchemy begins nothing: the transactions of `Database` are the driver's own, which cost half as much.
        isolation_level="AUTOCOMMIT",
        connect_args={
            "timeout": _LONGEST_CONNECTING,
            "command_timeout": _LONGEST_ANSWER[role],
            **({"connection_class": connection_class} if connection_class else {}),
            "server_settings": {
                "application_name": f"{service}.{role}",
                "timezone": "UTC",
                "default_transaction_isolation": "read committed",
                "plan_cache_mode": _PLANNING[role],
                "jit": "off",
                "lock_timeout": "10s",
                **STILL_THERE_SERVER,
                **_BOUNDS[role],
                **(_BY_INDEX if by_index else {}),
            },
        },
    )
    event.listen(engine.sync_engine, "connect", _ask_whether_still_there)
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    observe_pool(engine, role)
    return engine


def _ask_whether_still_there(connection: Any, _record: Any) -> None:
    # The driver has settings for none of it, and gives its transport to nobody.
    used = connection.driver_connection._transport.get_extra_info("socket")  # noqa: SLF001
    if used.family == socket.AF_UNIX:
        return
    used.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _STILL_THERE.items():
        # Linux has all of them; where one is missing, the other bound remains.
        if hasattr(socket, name):
            used.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """The pool opens another instead: the driver notices by itself when a server goes away, without a question."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
