"""The placement service on a database of its own: projection, job and HTTP."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from shared.auth.roles import PROVINCE_OPERATOR, Role
from shared.db.engine import Role as EngineRole
from shared.db.session import Database
from shared.testing.tokens import Issuer
from tests.placement.arrivals import Arrivals
from tests.service import bearing, connected, listening, migrated, opened

Headers = Callable[..., dict[str, str]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_url(stack: Stack) -> AsyncIterator[str]:
    async with migrated(stack, "placement") as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url, "placement", EngineRole.WORKER, pool_size=4) as sessions:
        yield sessions


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    async with connected(database_url) as connection:
        yield connection


@pytest_asyncio.fixture
async def connection(_connection: asyncpg.Connection) -> asyncpg.Connection:
    """A look at the database from outside; it is as migrated when a test begins."""
    await _connection.execute(
        """
        TRUNCATE derived.talent, source.outbox;
        DELETE FROM source.policy_in_force WHERE policy_id <> 'talenta-default-1';
        """,
    )
    return _connection


@pytest.fixture
def database(_database: Database, connection: asyncpg.Connection) -> Database:
    """The worker's database, empty."""
    return _database


@pytest.fixture
def arrivals(database: Database, connection: asyncpg.Connection) -> Arrivals:
    """Hands events to the projection, and looks at what came of them."""
    return Arrivals(database, connection)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _address(database_url: str, issuer: Issuer) -> AsyncIterator[str]:
    """Where the service listens."""
    async with listening("placement", database_url, issuer) as address:
        yield address


@pytest_asyncio.fixture
async def http(_address: str, database: Database, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    """Calls as an operator of the whole province, unless a request brings `Authorization` of its own."""
    token = issuer.token_for(PROVINCE_OPERATOR, regions=["33.*"])
    async with bearing(_address, token) as client:
        yield client


@pytest.fixture
def as_role(issuer: Issuer) -> Headers:
    """Headers of a caller of another role or population."""

    def headers(role: Role, *, regions: tuple[str, ...] = (), employee_id: UUID | None = None) -> dict[str, Any]:
        return {"Authorization": f"Bearer {issuer.token_for(role, regions=regions, employee_id=employee_id)}"}

    return headers
