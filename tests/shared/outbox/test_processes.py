"""Relays as processes: killed, stopped, and woken up long after. The topic shows what that leaves behind."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from typing import Any

import pytest
import pytest_asyncio

from shared.db.session import Database
from shared.states.checking import TopicChecker
from tests.shared.conditions import until
from tests.shared.conftest import Published, Stack
from tests.shared.items import PUBLISHED, ItemState, Settings, item
from tests.shared.outbox.conftest import commit, until_empty

Start = Callable[..., Awaitable[Process]]
"""Start a relay process of this name."""

_ACTIVE = """
    SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND datname = current_database() AND application_name LIKE '%.relay'
"""


@pytest_asyncio.fixture(loop_scope="session")
async def start(stack: Stack, core_database_url: str, namespace: str) -> AsyncIterator[Start]:
    """All are killed at the end, those that are stopped too."""
    started: list[Process] = []

    async def run(name: str, *options: str) -> Process:
        where = (core_database_url, stack.kafka_bootstrap_servers, namespace)
        module = "tests.shared.outbox.relay_process"
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, name, *where, *options)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _until_active(outside: Any, name: str, within: float = 60.0) -> None:
    async def active() -> bool:
        return bool(await outside.fetchval(_ACTIVE) == f"{name}.relay")

    await until(active, within)


async def _until_waiting(outside: Any, name: str) -> None:
    """Until the process stands by."""
    look = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1)"
    await until(lambda: outside.fetchval(look, f"{name}.relay"), within=60)


async def _both(start: Start, outside: Any, *options: str) -> tuple[Process, Process]:
    """One active relay, and another that stands by."""
    first = await start("first", *options)
    await _until_active(outside, "first")
    second = await start("second")
    await _until_waiting(outside, "second")
    return first, second


async def _write(database: Database, outside: Any, key: str, version: int) -> None:
    await outside.execute(
        "INSERT INTO derived.item AS known VALUES ($1, $2, 0) "
        "ON CONFLICT (item_id) DO UPDATE SET version = known.version + 1",
        key,
        version,
    )
    await commit(database, item(key, version))


async def _versions(published: Published) -> list[int]:
    return [ItemState.model_validate_json(record.value).version for record in await published()]


@pytest.mark.parametrize(("how", "within"), [(signal.SIGKILL, 5.0), (signal.SIGSTOP, 10.0)])
async def test_another_takes_over_in_time(
    start: Start,
    database: Database,
    outside: Any,
    published: Published,
    how: signal.Signals,
    within: float,
) -> None:
    first, _ = await _both(start, outside)
    for version in range(1, 21):
        await _write(database, outside, "i1", version)
        if version == 10:
            first.send_signal(how)
            began = monotonic()
    await _until_active(outside, "second", within)
    assert monotonic() - began < within
    await until_empty(outside)
    versions = await _versions(published)
    assert versions[-1] == 20
    assert versions == sorted(versions)


async def test_a_sleeper_leaves_no_old_state_behind_a_newer_one(
    start: Start,
    stack: Stack,
    database: Database,
    outside: Any,
    published: Published,
    core_database_url: str,
    namespace: str,
) -> None:
    """It was stopped while it sent, and wakes up when another has published what came after."""
    sleeper, _ = await _both(start, outside, "--stops-in-sending")
    await _write(database, outside, "i1", 1)
    await _until_active(outside, "second", 10)
    await until_empty(outside)
    for version in (2, 3):
        await _write(database, outside, "i1", version)
        await until_empty(outside)
    sleeper.send_signal(signal.SIGCONT)

    async def has_done_harm() -> bool:
        return await _versions(published) == [1, 2, 3, 1]

    await until(has_done_harm)
    settings = Settings(
        database_url=core_database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        kafka_namespace=namespace,
    )
    await TopicChecker(settings, database, PUBLISHED).check()
    await until_empty(outside)
    assert await _versions(published) == [1, 2, 3, 1, 3]
    # It lost its session with the lock, and stands by again.
    await _until_waiting(outside, "first")
    assert await outside.fetchval(_ACTIVE) == "second.relay"
    assert sleeper.returncode is None
