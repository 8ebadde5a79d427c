"""The placement service on a database of its own: projection, job and HTTP."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import hypothesis
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.engine import make_url

import services.placement
from deploy.local.stack import Stack
from services.placement.main import create_app
from services.placement.settings import Settings
from shared.auth.roles import PROVINCE_OPERATOR, Role
from shared.db.engine import Role as EngineRole
from shared.db.engine import create_engine
from shared.db.migrations import upgrade
from shared.db.session import Database
from shared.testing.tokens import Issuer
from tests.placement.arrivals import Arrivals
from tests.shared.http.server import served

# A time limit for each example measures how busy the machine is.
hypothesis.settings.register_profile("placement", deadline=None)
hypothesis.settings.load_profile("placement")

MIGRATIONS = Path(services.placement.__file__).parent / "migrations"
Headers = Callable[..., dict[str, str]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_url(stack: Stack) -> AsyncIterator[str]:
    """A migrated database, dropped at the end."""
    name = f"placement_{secrets.token_hex(6)}"
    server = await asyncpg.connect(stack.database_url)
    await server.execute(f"CREATE DATABASE {name}")
    url = make_url(stack.database_url).set(database=name).render_as_string(hide_password=False)
    try:
        # Alembic runs a loop of its own.
        await asyncio.to_thread(upgrade, MIGRATIONS, url)
        yield url
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _database(database_url: str) -> AsyncIterator[Database]:
    made = Database(create_engine(database_url, service="placement", role=EngineRole.WORKER, pool_size=4))
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


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


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _address(database_url: str, issuer: Issuer) -> AsyncIterator[str]:
    keys = FastAPI(openapi_url=None)
    keys.get("/jwks.json")(issuer.jwks)
    async with served(keys) as issuing:
        settings = Settings(
            database_url=database_url,
            auth_jwks_url=f"{issuing}/jwks.json",
            auth_issuer=issuer.issuer,
            auth_audience=issuer.audience,
        )
        async with served(create_app(settings)) as address:
            yield address


@pytest_asyncio.fixture
async def http(_address: str, database: Database, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    """Calls as an operator of the whole province, unless a request brings `Authorization` of its own."""
    token = issuer.token_for(PROVINCE_OPERATOR, regions=["33.*"])
    async with httpx.AsyncClient(base_url=_address, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


@pytest.fixture
def as_role(issuer: Issuer) -> Headers:
    """Headers of a caller of another role or population."""

    def headers(role: Role, *, regions: tuple[str, ...] = (), employee_id: UUID | None = None) -> dict[str, Any]:
        return {"Authorization": f"Bearer {issuer.token_for(role, regions=regions, employee_id=employee_id)}"}

    return headers
