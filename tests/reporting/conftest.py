"""The reporting service on a real server, with a real database of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from services.reporting.boards.rules import policy_in_force
from services.reporting.folding.service import fold
from services.reporting.standings.projection import projection
from shared.auth.roles import PROVINCE_OPERATOR
from shared.db.engine import Role
from shared.db.session import Database
from shared.events.placement import TalentState
from shared.kafka.subscription import Received
from shared.testing.tokens import Issuer
from tests.reporting.people import CAUSE
from tests.service import bearing, connected, listening, migrated, opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_url(stack: Stack) -> AsyncIterator[str]:
    async with migrated(stack, "reporting") as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def open_database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url, "reporting", Role.WORKER, pool_size=6) as sessions:
        yield sessions


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def connection(database_url: str) -> AsyncIterator[Any]:
    """A look at the database from outside."""
    async with connected(database_url) as connection:
        yield connection


@pytest_asyncio.fixture
async def database(open_database: Database, connection: Any) -> Database:
    """Nobody stands anywhere, nothing to publish. The revision goes on: it never restarts."""
    await connection.execute(
        "TRUNCATE derived.standing, derived.dirty, derived.folded, derived.region_tally, derived.value_histogram, "
        "derived.board_row, source.outbox",
    )
    await connection.execute("UPDATE derived.revision SET number = number + 1")
    return open_database


Project = Callable[..., Coroutine[Any, Any, None]]
"""Takes states in as one batch, all with the same cause unless another is given."""
FoldAll = Callable[[], Awaitable[None]]
"""Folds until nothing is dirty."""


@pytest.fixture
def project(database: Database) -> Project:
    async def take_in(states: Sequence[TalentState], cause: Any = CAUSE) -> None:
        handle = projection(lambda: None)
        async with database.transaction() as session:
            await handle(session, [Received(state, cause) for state in states])

    return take_in


@pytest.fixture
def fold_all(database: Database) -> FoldAll:
    async def run() -> None:
        more = True
        while more:
            async with database.transaction() as session:
                more = await fold(session, policy_in_force())

    return run


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def address(database_url: str, issuer: Issuer) -> AsyncIterator[str]:
    """Where the service listens."""
    async with listening("reporting", database_url, issuer) as address:
        yield address


Calling = Callable[[str | None], httpx.AsyncClient]
"""A client that sends this token, or none."""


@pytest_asyncio.fixture
async def calling(address: str, database: Database) -> AsyncIterator[Calling]:
    async with AsyncExitStack() as open_clients:

        def client_with(token: str | None) -> httpx.AsyncClient:
            client = bearing(address, token)
            open_clients.push_async_callback(client.aclose)
            return client

        yield client_with


@pytest.fixture
def public(calling: Calling) -> httpx.AsyncClient:
    return calling(None)


@pytest.fixture
def province(calling: Calling, issuer: Issuer) -> httpx.AsyncClient:
    """The operator of the whole province."""
    return calling(issuer.token_for(PROVINCE_OPERATOR, regions=["33.*"]))
