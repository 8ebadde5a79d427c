"""Relays of the test database."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol

import pytest_asyncio
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database
from shared.events.contract import State
from shared.outbox.append import Outgoing, append
from shared.outbox.relay import Relay
from shared.outbox.signal import RelaySignal
from tests.shared.conditions import until
from tests.shared.conftest import Stack
from tests.shared.items import ITEMS, cause


class StartRelay(Protocol):
    """Start a relay, that is woken by its own signal where one is given."""

    def __call__(self, signal: RelaySignal | None = None, *, batch_rows: int = 1000) -> Relay: ...


@pytest_asyncio.fixture(loop_scope="session")
async def start_relay(
    stack: Stack,
    core_database_url: str,
    database: Database,
    namespace: str,
) -> AsyncIterator[StartRelay]:
    """Relays still running at the end of the test are stopped; one that failed fails the test."""
    running: dict[Relay, asyncio.Task[None]] = {}

    def start(signal: RelaySignal | None = None, *, batch_rows: int = 1000) -> Relay:
        relay = Relay(
            core_database_url,
            signal or RelaySignal.of(database.engine),
            service="core",
            bootstrap_servers=stack.kafka_bootstrap_servers,
            namespace=namespace,
            batch_rows=batch_rows,
        )
        running[relay] = asyncio.create_task(relay.run())
        return relay

    yield start
    for relay in running:
        relay.stop()
    await asyncio.gather(*running.values())


async def publish(session: AsyncSession, *states: State) -> None:
    await append(session, ITEMS, [Outgoing(state, cause()) for state in states])


async def commit(database: Database, *states: State) -> None:
    """Publish in a transaction of its own."""
    async with database.transaction() as session:
        await publish(session, *states)


async def publish_in_vain(database: Database, *states: State) -> None:
    """Publish in a transaction that is rolled back."""
    async with database.transaction() as session:
        await publish(session, *states)
        raise ZeroDivisionError


async def until_empty(outside: Any) -> None:
    """Wait until the outbox is."""

    async def empty() -> bool:
        return not await outside.fetchval("SELECT EXISTS (SELECT FROM source.outbox)")

    await until(empty)


async def until_active(*relays: Relay) -> Relay:
    """Wait until one of them is, and return it."""

    async def active() -> bool:
        return any(relay.active for relay in relays)

    await until(active)
    return next(relay for relay in relays if relay.active)


async def kill_relay_session(outside: Any) -> None:
    """End the session of the active relay as a crash of its process would, without a farewell."""
    await outside.execute(
        """
        SELECT pg_terminate_backend(pid, 5000)
        FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND granted AND application_name = 'core.relay'
          AND datname = current_database()
        """,
    )
