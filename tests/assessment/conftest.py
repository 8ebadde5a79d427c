"""The assessment service on a real server and a real database of its own, and employees to measure."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Final

import asyncpg
import httpx
import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from services.assessment.employees.projection import on_employees
from shared.auth.roles import INTEGRATOR
from shared.db.engine import Role
from shared.db.session import Database
from shared.events.profile import EmployeeState
from shared.testing.tokens import Issuer
from tests.assessment.people import received
from tests.service import bearing, connected, listening, migrated, opened

TABLES: Final = (
    "source.nip_subject, source.performance_score, source.talent_assessment, source.unmatched,"
    " source.unmatched_resolution, source.outbox, source.idempotency_key, derived.employee, derived.result"
)
Arrive = Callable[..., Awaitable[None]]
CallAs = Callable[..., httpx.AsyncClient]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_url(stack: Stack) -> AsyncIterator[str]:
    async with migrated(stack, "assessment") as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    """As a worker has it."""
    async with opened(database_url, "assessment", Role.WORKER, pool_size=8) as sessions:
        yield sessions


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A look at the tables from outside."""
    async with connected(database_url) as connection:
        yield connection


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def address(database_url: str, issuer: Issuer) -> AsyncIterator[str]:
    """Where the service listens."""
    async with listening("assessment", database_url, issuer) as address:
        yield address


@pytest_asyncio.fixture
async def call_as(address: str, issuer: Issuer) -> AsyncIterator[CallAs]:
    """Makes clients: `call_as(INTEGRATOR, regions=["33.74"])`."""
    async with AsyncExitStack() as opened:

        def make(*who: Any, **population: Any) -> httpx.AsyncClient:
            client = bearing(address, issuer.token_for(*who, **population))
            opened.push_async_callback(client.aclose)
            return client

        yield make


@pytest.fixture
def client(call_as: CallAs) -> httpx.AsyncClient:
    """Calls as an integrator of the whole province."""
    return call_as(INTEGRATOR, regions=["33.*"])


@pytest.fixture
def arrive(database: Database) -> Arrive:
    """Hands employees to the projection as one batch, in one transaction."""

    async def make(*states: EmployeeState) -> None:
        async with database.transaction() as session:
            await on_employees(session, [received(state) for state in states])

    return make


@pytest_asyncio.fixture(autouse=True)
async def _empty_tables(request: pytest.FixtureRequest) -> None:
    """Only where a test uses the database at all: rules need none."""
    if "database_url" in request.fixturenames:
        connection = request.getfixturevalue("connection")
        await connection.execute(f"TRUNCATE {TABLES}")
