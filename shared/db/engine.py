"""Engines by role. Every session is bounded, so that a stopped process cannot hold locks for long."""

from enum import StrEnum
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.metrics.db import observe_pool


class Role(StrEnum):
    """What a process does; its sessions are bounded accordingly."""

    API = "api"
    WORKER = "worker"


_BOUNDS: Final[dict[Role, dict[str, str]]] = {
    Role.API: {
        "statement_timeout": "10s",
        "idle_in_transaction_session_timeout": "10s",
        "transaction_timeout": "30s",
    },
    Role.WORKER: {
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "15s",
        "transaction_timeout": "60s",
    },
}


def asyncpg_url(database_url: str) -> str:
    """The URL as SQLAlchemy's asyncpg dialect wants it."""
    return make_url(database_url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def create_engine(database_url: str, *, service: str, role: Role, pool_size: int) -> AsyncEngine:
    """An engine whose sessions run read committed, in UTC, and bear `service.role` as their name."""
    engine = create_async_engine(
        asyncpg_url(database_url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=False,
        isolation_level="READ COMMITTED",
        connect_args={
            "server_settings": {
                "application_name": f"{service}.{role}",
                "timezone": "UTC",
                # Tables here change by the batch: a generic plan made on an empty table stays bad for hours.
                "plan_cache_mode": "force_custom_plan",
                "jit": "off",
                "lock_timeout": "10s",
                **_BOUNDS[role],
            },
        },
    )
    observe_pool(engine, role)
    return engine
