"""The profile service on a real server, with a real database of its own."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlmodel.ext.asyncio.session import AsyncSession

from deploy.local.stack import Stack
from shared.auth.roles import INTEGRATOR
from shared.db.engine import Role
from shared.db.session import Database
from shared.events.envelope import Cause
from shared.testing.tokens import Issuer
from tests.service import bearing, connected, listening, migrated, opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_url(stack: Stack) -> AsyncIterator[str]:
    async with migrated(stack, "profile") as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url, "profile", Role.API, pool_size=4) as sessions:
        yield sessions


@pytest_asyncio.fixture
async def session(database: Database, empty: None) -> AsyncIterator[AsyncSession]:
    """A transaction of the test's own."""
    async with database.transaction() as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def connection(database_url: str) -> AsyncIterator[Any]:
    """A look at the database from outside."""
    async with connected(database_url) as connection:
        yield connection


@pytest_asyncio.fixture
async def empty(connection: Any) -> None:
    """No employee, no unit, nothing to publish."""
    # For a few rows faster than TRUNCATE, which makes new files.
    await connection.execute("DELETE FROM source.outbox; DELETE FROM source.employee; DELETE FROM source.unit")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def address(database_url: str, issuer: Issuer) -> AsyncIterator[str]:
    """Where the service listens."""
    async with listening("profile", database_url, issuer) as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def connections() -> AsyncIterator[httpx.AsyncHTTPTransport]:
    """One pool for all clients: each with its own would read the certificates of the world again."""
    async with httpx.AsyncHTTPTransport() as transport:
        yield transport


Calling = Callable[[str | None], httpx.AsyncClient]
"""A client that sends this token, or none."""


@pytest.fixture
def calling(address: str, connections: httpx.AsyncHTTPTransport, empty: None) -> Calling:
    def client_with(token: str | None) -> httpx.AsyncClient:
        return bearing(address, token, transport=connections)

    return client_with


@pytest.fixture
def province(calling: Calling, issuer: Issuer) -> httpx.AsyncClient:
    """The integrator of the whole province."""
    return calling(issuer.token_for(INTEGRATOR, regions=["33.*"]))


@pytest.fixture
def semarang(calling: Calling, issuer: Issuer) -> httpx.AsyncClient:
    """The integrator of the city of Semarang."""
    return calling(issuer.token_for(INTEGRATOR, regions=["33.74"]))


@pytest.fixture
def cause() -> Cause:
    """A request that was accepted at a known time."""
    return Cause(datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
