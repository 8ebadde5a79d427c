"""The sample service on a real server, a real database and a real key document."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from deploy.local.stack import Stack
from shared.auth.roles import INTEGRATOR
from shared.db.engine import Role, create_engine
from shared.db.session import Database
from shared.logging import configure_logging
from shared.testing.tokens import Issuer
from tests.shared.http import sample
from tests.shared.http.databases import core_database
from tests.shared.http.server import served


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    configure_logging(service="sample", role="api")


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def jwks_url(issuer: Issuer) -> AsyncIterator[str]:
    app = FastAPI(openapi_url=None)
    app.get("/jwks.json")(issuer.jwks)
    async with served(app) as address:
        yield f"{address}/jwks.json"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_url(stack: Stack) -> AsyncIterator[str]:
    async with core_database(stack.database_url) as url:
        connection = await asyncpg.connect(url)
        for statement in sample.TABLES:
            await connection.execute(statement)
        await connection.close()
        yield url


@pytest.fixture(scope="session")
def settings(stack: Stack, database_url: str, jwks_url: str) -> sample.Settings:
    return sample.Settings(
        database_url=database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        auth_jwks_url=jwks_url,
        database_pool_size=4,
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(settings: sample.Settings) -> FastAPI:
    return sample.create_app(settings)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with served(app) as url:
        yield url


@pytest.fixture(scope="session")
def token(issuer: Issuer) -> str:
    return issuer.token_for(INTEGRATOR, regions=["33.*"])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(address: str, token: str) -> AsyncIterator[httpx.AsyncClient]:
    """Calls as an integrator of the whole province."""
    async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {token}"}) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A look at the database from outside."""
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def database(settings: sample.Settings) -> AsyncIterator[Database]:
    """As an API opens it, with two connections."""
    opened = Database(create_engine(settings.database_url, service="test", role=Role.API, pool_size=2))
    yield opened
    await opened.close()


@pytest_asyncio.fixture(autouse=True)
async def _empty_tables(connection: asyncpg.Connection) -> None:
    await connection.execute("TRUNCATE source.thing, source.idempotency_key, derived.seen")
