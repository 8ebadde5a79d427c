"""The reporting service with the floors of its reads, on a database of a certain size."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bench.installation import Bench
from bench.processes import Program, environment_of, migrate, running
from bench.reading.filling import fill
from deploy.local import databases
from deploy.local.ports import LOOPBACK, is_free

_FIRST_PORT: Final = 8304


@dataclass(frozen=True, slots=True)
class Reporting:
    """A reporting service with floors, on a database filled to a size."""

    database_url: str
    url: str


@asynccontextmanager
async def reporting_of(bench: Bench, *, people: int, regions: int) -> AsyncIterator[Reporting]:
    """Its API alone. The database is gone afterwards."""
    name = f"bench_{people}_{regions}"
    database_url = await bench.fresh_database(name)
    port = next(port for port in range(_FIRST_PORT, 65_000, 10) if is_free(port))
    environment = {
        **environment_of(bench.stack, bench.issuer),
        "REPORTING_DATABASE_URL": database_url,
        "REPORTING_PORT": str(port),
    }
    try:
        await migrate(bench.stack, "reporting", environment)
        await fill(database_url, people=people, regions=regions)
        url = f"http://{LOOPBACK}:{port}"
        program = Program(name, ("-m", "bench.reading", "api"), url, environment)
        async with running(bench.stack, [program]):
            yield Reporting(database_url, url)
    finally:
        await databases.drop(bench.stack.database_url, [name])
