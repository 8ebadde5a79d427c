"""`migrate` as a process: topics as safe as the installation asks for, and several at once do the work of one."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from deploy.local.settings import PROJECT
from deploy.local.stack import Stack
from shared.db.schema import versions_of
from tests.service import connected, created

_LOCK = "hashtext('talenta.migrations')"
_WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
"""


async def migrating(database_url: str, stack: Stack, namespace: str, **how: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.profile", "migrate"),
        cwd=PROJECT,
        env=os.environ
        | {
            "PROFILE_DATABASE_URL": database_url,
            "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
            "KAFKA_NAMESPACE": f"{stack.kafka_namespace}{namespace}.",
            **how,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


@asynccontextmanager
async def held_up(outside: Any, waiting: int) -> AsyncIterator[None]:
    """Migrations that begin in here go on together at its end, when so many of them wait."""
    await outside.execute(f"SELECT pg_advisory_lock({_LOCK})")
    yield
    async with asyncio.timeout(60):
        while await outside.fetchval(_WAITING) < waiting:  # noqa: ASYNC110 - the others are other processes
            await asyncio.sleep(0.05)
    await outside.execute(f"SELECT pg_advisory_unlock({_LOCK})")


async def test_several_that_start_together_take_turns(stack: Stack) -> None:
    """As the pods of a worker do."""
    async with created(stack, "profile") as url, connected(url) as outside:
        async with held_up(outside, waiting=3):
            processes = [await migrating(url, stack, "together") for _ in range(3)]
        told = await asyncio.gather(*(process.communicate() for process in processes))
        assert [process.returncode for process in processes] == [0, 0, 0], told
        version = await outside.fetchval("SELECT version_num FROM source.alembic_version")
        assert version == versions_of(PROJECT / "services" / "profile" / "migrations")[-1]


async def test_topics_get_the_replicas_that_are_asked_for(database_url: str, stack: Stack) -> None:
    process = await migrating(database_url, stack, "replicas", KAFKA_REPLICATION="3")
    told, _ = await process.communicate()
    # The broker of the tests is alone.
    assert process.returncode == 2
    assert b"InvalidReplicationFactor" in told
