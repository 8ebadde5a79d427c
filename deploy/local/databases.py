"""One database and one role per service: each role owns its database and can enter no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from deploy.local.errors import StackError

OLDEST_SERVER = 18
"""`RETURNING old.*, new.*`, on which the folding of the regional ranking rests, came with PostgreSQL 18."""


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """`name` names the database and the role alike."""

    name: str
    password: str

    def url(self, superuser_url: str) -> str:
        """The same server, entered as this role."""
        parts = urlsplit(superuser_url)
        address = parts.netloc.rpartition("@")[2]
        return urlunsplit(
            parts._replace(netloc=f"{self.name}:{quote(self.password)}@{address}", path=f"/{self.name}")
        )


async def create(superuser_url: str, databases: Sequence[ServiceDatabase]) -> None:
    """Make what is missing and set the passwords; the same call again changes nothing. Raises StackError."""
    connection = await _connect(superuser_url)
    try:
        version = connection.get_server_version().major
        if version < OLDEST_SERVER:
            raise StackError(f"DATABASE_URL: PostgreSQL {version}, minimal / has to be {OLDEST_SERVER} or newer.")
        for database in databases:
            await _create(connection, database)
    finally:
        await connection.close()


async def drop(superuser_url: str, names: Sequence[str]) -> None:
    """Remove the databases and their roles, whoever is connected."""
    connection = await _connect(superuser_url)
    try:
        for name in names:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await connection.execute(f'DROP ROLE IF EXISTS "{name}"')
    finally:
        await connection.close()


async def _create(connection: asyncpg.Connection, database: ServiceDatabase) -> None:
    role = f"ROLE \"{database.name}\" LOGIN PASSWORD '{database.password}'"
    known = await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", database.name)
    await connection.execute(f"{'ALTER' if known else 'CREATE'} {role}")
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database.name):
        # The built-in locale sorts the same on every system, so keyset pages are the same too.
        await connection.execute(
            f'CREATE DATABASE "{database.name}" OWNER "{database.name}" TEMPLATE template0 '
            "ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        )
        await connection.execute(f'REVOKE ALL ON DATABASE "{database.name}" FROM PUBLIC')


async def _connect(superuser_url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(superuser_url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        address = urlsplit(superuser_url).netloc.rpartition("@")[2]
        raise StackError(
            f"PostgreSQL {address} tidak terjangkau / out of reach: {error}. Periksa / check DATABASE_URL."
        ) from error
