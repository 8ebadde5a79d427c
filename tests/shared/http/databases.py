"""A database of its own with the tables of the event core, for tests of the HTTP side."""

import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Final

import asyncpg
from sqlalchemy.engine import make_url

from shared.db.core_tables import CORE_V1, CORE_V2

_VERSION: Final = "CREATE TABLE source.alembic_version AS SELECT 'core' AS version_num"


@contextlib.asynccontextmanager
async def core_database(server_url: str) -> AsyncIterator[str]:
    """Gives its URL; it is dropped at the end, whoever is still connected."""
    name = f"http_{secrets.token_hex(6)}"
    server = await asyncpg.connect(server_url)
    await server.execute(f"CREATE DATABASE {name}")
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    try:
        connection = await asyncpg.connect(url)
        for statement in ("CREATE SCHEMA source", "CREATE SCHEMA derived", *CORE_V1, *CORE_V2, _VERSION):
            await connection.execute(statement)
        await connection.close()
        yield url
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()
