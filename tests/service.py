"""A service for the tests of its slices: a migrated database of its own, and the application on loopback."""

import asyncio
import importlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from deploy.local.stack import Stack
from shared.db.engine import Role, create_engine
from shared.db.migrations import upgrade
from shared.db.session import Database
from shared.testing.tokens import Issuer
from tests.shared.http.server import served


@asynccontextmanager
async def created(stack: Stack, service: str) -> AsyncIterator[str]:
    """The address of a new, empty database for `service`; dropped at the end."""
    name = f"test_{service}_{secrets.token_hex(6)}"
    url = make_url(stack.database_url).set(database=name).render_as_string(hide_password=False)
    server = await asyncpg.connect(stack.database_url)
    # The locale of the local stack, which sorts the same on every system.
    await server.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
    )
    try:
        yield url
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


@asynccontextmanager
async def migrated(stack: Stack, service: str) -> AsyncIterator[str]:
    """The same, migrated."""
    async with created(stack, service) as url:
        package = importlib.import_module(f"services.{service}")
        # Alembic runs a loop of its own.
        await asyncio.to_thread(upgrade, Path(str(package.__file__)).parent / "migrations", url)
        yield url


@asynccontextmanager
async def opened(database_url: str, service: str, role: Role, pool_size: int = 6) -> AsyncIterator[Database]:
    """Sessions as a process of this role has them."""
    database = Database(create_engine(database_url, service=service, role=role, pool_size=pool_size))
    yield database
    await database.close()


@asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[Any]:
    """A look at the database from outside."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@asynccontextmanager
async def listening(service: str, database_url: str, issuer: Issuer, **how: Any) -> AsyncIterator[str]:
    """Where the application of `service` listens; it takes the tokens of `issuer`. `how`: settings besides."""
    keys = FastAPI(openapi_url=None)
    keys.get("/jwks.json")(issuer.jwks)
    settings = importlib.import_module(f"services.{service}.settings").Settings
    create_app = importlib.import_module(f"services.{service}.main").create_app
    async with served(keys) as issuing:
        app = create_app(
            settings(
                database_url=database_url,
                auth_jwks_url=f"{issuing}/jwks.json",
                auth_issuer=issuer.issuer,
                auth_audience=issuer.audience,
                **how,
            ),
        )
        async with served(app) as address:
            yield address


def bearing(address: str, token: str | None, **how: Any) -> httpx.AsyncClient:
    """A client of the service that sends this token, or none."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=address, headers=headers, timeout=30, **how)
