"""PostgreSQL restarts, hangs, cuts its connections, and comes back older than it was."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Final

from deploy.demo.population.people import Person
from tests.faults.faults.fault import Scene
from tests.faults.faults.processes import HANGS_FOR
from tests.faults.load import population_of, settle_in
from tests.faults.log import Log
from tests.faults.system import Seat

_CUT: Final = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname LIKE '{name}%' AND pid <> pg_backend_pid()
"""
_TIMES_CUT: Final = 6
_NEWCOMERS: Final = 12
_TITLES: Final = "SELECT nip, post_title FROM source.employee"


async def restart_postgres(scene: Scene) -> None:
    """PostgreSQL ends at once, as in a crash, and recovers from its log."""
    await scene.system.servers.crash_postgres()
    await scene.system.servers.start_postgres()


async def cut_connections(scene: Scene) -> None:
    """Every connection of every service is ended by the server, again and again."""
    for _ in range(_TIMES_CUT):
        await scene.system.servers.execute(_CUT.format(name=scene.system.name))
        await scene.writes(10)


async def hang_postgres(scene: Scene) -> None:
    """PostgreSQL says nothing for 45 s, as one whose host or network went without a word, and then goes on.

    Nobody waits for it so long: requests and batches are given up and made again.
    """
    with scene.system.servers.postgres_hung():
        await asyncio.sleep(HANGS_FOR)


async def restore_reporting(scene: Scene) -> None:
    """Reporting's database comes back as it was some time before; its topic and its upstream have gone on."""
    await _restore(scene, "reporting")


async def restore_placement(scene: Scene) -> None:
    """Placement's database comes back as it was: its topic holds versions that it does not know."""
    await _restore(scene, "placement")


async def restore_assessment(scene: Scene) -> None:
    """Assessment's database, a source, comes back as it was. What it took in since is lost, as no code can help.

    Everything downstream is newer than it then, and must follow it back.
    """
    await _restore(scene, "assessment")


async def restore_profile(scene: Scene) -> None:
    """Profile's database, a source, comes back as it was. Who came since is put back from its topic, as himself.

    What was changed since of others is lost; their sources see it by the version, and go on from what they find.
    """
    await _restore(scene, "profile")


async def _restore(scene: Scene, service: str) -> None:
    name, execute = scene.system.database_name(service), scene.system.servers.execute
    async with _away(scene, service):
        await execute(f'CREATE DATABASE "{name}_kept" TEMPLATE "{name}" STRATEGY file_copy')
        kept_at = scene.log.acknowledged
    if service == "profile":
        await settle_in(scene.system, scene.log, _newcomers(scene.log))
    await scene.writes(150)
    async with _away(scene, service):
        await execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await execute(f'ALTER DATABASE "{name}_kept" RENAME TO "{name}"')
        await execute(f'ALTER DATABASE "{name}" OWNER TO "{name}"')
        if service == "assessment":
            scene.log.doubt_measured_since(kept_at)
        await scene.system.operate(service, "after-restore")
        if service == "profile":
            async with scene.system.connected(service) as connection:
                scene.log.forget_employees_since(kept_at, dict(await connection.fetch(_TITLES)))


def _newcomers(log: Log) -> list[Person]:
    strangers = (each for each in population_of(2 * len(log.told)).people() if str(each.nip) not in log.told)
    return list(islice(strangers, _NEWCOMERS))


@asynccontextmanager
async def _away(scene: Scene, service: str) -> AsyncIterator[None]:
    """Without the processes of the service, and without sessions, which may outlive them for a moment."""
    seats = Seat(service, "api"), Seat(service, "worker")
    for seat in seats:
        await scene.system.end(seat)
    await scene.system.servers.execute(_CUT.format(name=scene.system.database_name(service)))
    yield
    for seat in seats:
        scene.system.start(seat)
    for seat in seats:
        await scene.system.ready(seat)


async def set_offsets_back(scene: Scene) -> None:
    """Consumers start with old offsets: what they have read they read again, from somewhere on."""
    for service in ("assessment", "placement", "reporting"):
        seat = Seat(service, "worker")
        await scene.system.end(seat)
        back = scene.chance.randint(1, 400)
        async with scene.system.connected(service) as connection:
            await connection.execute(
                "UPDATE derived.consumer_offset SET next_offset = greatest(0, next_offset - $1)", back
            )
        scene.system.start(seat)
        await scene.system.ready(seat)
