"""The stack of a bench and its ways in: addresses, tokens, databases."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg

from bench.client import Client
from bench.sizes import Sizes
from deploy.demo import Installation, PerService
from deploy.local import databases
from deploy.local.databases import ServiceDatabase
from deploy.local.issuer import WHOLE_PROVINCE, Issuer
from deploy.local.ports import LOOPBACK
from deploy.local.settings import SERVICES, Settings
from deploy.local.stack import Stack

_JAKARTA: Final = timedelta(hours=7)
_LOG_FILES: Final = 24
"""Of PostgreSQL's log, to be written into again: after a checkpoint a turn of scores writes six of them."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Servers that run, and how much is to be measured on them."""

    stack: Stack
    issuer: Issuer
    sizes: Sizes

    def client(self, service: str, role: str = "integrator") -> Client:
        """A client of a service whose population is the whole province."""
        return Client(f"http://{LOOPBACK}:{self.stack.ports[service]}", self.token(role))

    def token(self, role: str = "integrator", regions: Sequence[str] = WHOLE_PROVINCE) -> str:
        return self.issuer.mint(role, regions=regions)

    @asynccontextmanager
    async def looking_into(self, service: str) -> AsyncIterator[Any]:
        """An asyncpg connection to the service's own database."""
        connection = await asyncpg.connect(self.stack.service_database_url(service))
        try:
            yield connection
        finally:
            await connection.close()

    async def vacuum(self) -> None:
        """Clear away what has been loaded and changed, which autovacuum would begin with during a measurement."""
        for service in SERVICES:
            async with self.looking_into(service) as connection:
                await connection.execute("VACUUM (ANALYZE)")

    async def checkpoint(self) -> None:
        """Hand PostgreSQL the files of its log to write into again, as a server has that has run for a while.

        Before its first checkpoint it makes each new one, of 16 MB: all commits wait for that, 50 ms and more.
        """
        connection = await asyncpg.connect(self.stack.database_url)
        try:
            for _ in range(_LOG_FILES):
                await connection.execute("SELECT pg_logical_emit_message(true, 'bench', ''), pg_switch_wal()")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()

    async def fresh_database(self, name: str) -> str:
        """The URL of an empty database on the same server."""
        await databases.drop(self.stack.database_url, [name])
        database = ServiceDatabase(name, secrets.token_hex(8))
        await databases.create(self.stack.database_url, [database])
        return database.url(self.stack.database_url)

    def demonstration(self) -> Installation:
        """The same as the demonstration's loader sees it."""
        stack = self.stack
        return Installation(
            addresses=PerService(**{each: f"http://{LOOPBACK}:{stack.ports[each]}" for each in SERVICES}),
            databases=PerService(**{each: stack.service_database_url(each) for each in SERVICES}),
            kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
            kafka_namespace=stack.kafka_namespace,
            integrator_token=self.token,
            folder=stack.settings.folder,
        )


@asynccontextmanager
async def stack_of(sizes: Sizes) -> AsyncIterator[Bench]:
    """PostgreSQL and Kafka of the bench's own, in `.local/bench`, emptied first."""
    async with Stack(Settings.from_environment("bench", emptied=True)) as stack:
        with Issuer(stack.settings.folder, stack.ports["issuer"]) as issuer:
            yield Bench(stack, issuer, sizes)


def today() -> datetime:
    """Now in Jakarta, whose days the services count."""
    return datetime.now(UTC) + _JAKARTA
