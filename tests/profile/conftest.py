"""The profile service on a real server, with a real database of its own."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.engine import make_url
from sqlmodel.ext.asyncio.session import AsyncSession

import services.profile
from deploy.local.stack import Stack
from services.profile.main import create_app
from services.profile.settings import Settings
from shared.auth.roles import INTEGRATOR
from shared.db.engine import Role, create_engine
from shared.db.migrations import upgrade
from shared.db.session import Database
from shared.events.envelope import Cause
from shared.testing.tokens import Issuer
from tests.shared.http.server import served

MIGRATIONS: Final = Path(services.profile.__file__).parent / "migrations"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_url(stack: Stack) -> AsyncIterator[str]:
    """A database of this folder alone, migrated; gone at the end."""
    name = f"test_profile_{os.getpid()}"
    url = make_url(stack.database_url)
    admin = await asyncpg.connect(url.render_as_string(hide_password=False))
    await admin.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
    )
    mine = url.set(database=name).render_as_string(hide_password=False)
    await asyncio.to_thread(upgrade, MIGRATIONS, mine)
    yield mine
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(create_engine(database_url, service="profile", role=Role.API, pool_size=4))
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def session(database: Database, empty: None) -> AsyncIterator[AsyncSession]:
    """A transaction that is rolled back at the end of the test."""
    async with AsyncSession(database.engine, expire_on_commit=False) as opened:
        yield opened
        await opened.rollback()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def connection(database_url: str) -> AsyncIterator[Any]:
    """A look at the database from outside."""
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def empty(connection: Any) -> None:
    """No employee, no unit, nothing to publish."""
    # For a few rows faster than TRUNCATE, which makes new files.
    await connection.execute("DELETE FROM source.outbox; DELETE FROM source.employee; DELETE FROM source.unit")


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def address(database_url: str, issuer: Issuer) -> AsyncIterator[str]:
    """Where the service listens."""
    keys = FastAPI(openapi_url=None)
    keys.get("/jwks.json")(issuer.jwks)
    async with served(keys) as issuer_address:
        settings = Settings(
            database_url=database_url,
            auth_jwks_url=f"{issuer_address}/jwks.json",
            auth_issuer=issuer.issuer,
            auth_audience=issuer.audience,
        )
        async with served(create_app(settings)) as profile:
            yield profile


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
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=address, headers=headers, transport=connections)

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
