"""One relay is active in a database; another takes over when it dies or hangs."""

import asyncio
from typing import Any

import asyncpg
import pytest

from shared.db.session import Database
from shared.outbox import relay as relay_module
from shared.outbox import rows
from shared.outbox.session import relay_session, take_lock
from tests.shared.conditions import until
from tests.shared.conftest import Published
from tests.shared.items import ItemState, item
from tests.shared.outbox.conftest import StartRelay, commit, kill_relay_session, until_active, until_empty


async def test_of_two_one_is_active_and_the_other_takes_over_when_it_dies(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
) -> None:
    relays = [start_relay(), start_relay()]
    await until_active(*relays)
    for number in range(40):
        await commit(database, item("i1", number + 1))
        if number % 20 == 10:
            await kill_relay_session(outside)
        assert sum(relay.active for relay in relays) <= 1
    await until_empty(outside)
    versions = [ItemState.model_validate_json(record.value).version for record in await published()]
    assert versions[-1] == 40
    assert versions == sorted(versions)


async def test_the_other_takes_over_when_the_active_one_stops(start_relay: StartRelay) -> None:
    first = start_relay()
    await until_active(first)
    second = start_relay()
    assert not second.active
    first.stop()
    await until_active(second)


async def test_it_pauses_the_longer_the_more_often_it_has_failed(
    outside: Any, start_relay: StartRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused_before: list[int] = []

    def no_pause(attempt: int) -> float:
        paused_before.append(attempt)
        return 0.0

    monkeypatch.setattr(relay_module, "pause_before", no_pause)
    relay = start_relay()
    for attempts in ([0], [0, 1]):
        await until_active(relay)
        await kill_relay_session(outside)

        async def has_paused(expected: list[int] = attempts) -> bool:
            return paused_before == expected

        await until(has_paused)


async def test_a_session_that_falls_silent_loses_the_lock(core_database_url: str, outside: Any) -> None:
    """A relay that hangs sends no heartbeat: the server ends its session, and with it the lock."""
    async with (
        relay_session(core_database_url, service="core") as hanging,
        relay_session(core_database_url, service="core") as waiting,
    ):
        assert await take_lock(hanging)
        assert not await take_lock(waiting)
        began = asyncio.get_running_loop().time()
        await until(lambda: take_lock(waiting), within=6)
        assert asyncio.get_running_loop().time() - began > 2
        # asyncpg says it in one of three ways, by how much of the server's farewell it has read.
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)):
            await rows.delete(hanging, [])


async def test_a_session_that_hangs_in_the_midst_of_an_answer_loses_the_lock(core_database_url: str) -> None:
    """Stopped while the server sends it rows: for the server that is neither silence nor a long statement."""
    async with (
        relay_session(core_database_url, service="core") as hanging,
        relay_session(core_database_url, service="core") as waiting,
    ):
        assert await take_lock(hanging)
        rows_of_everything = await hanging.prepare("SELECT repeat('x', 1000000) FROM generate_series(1, 50)")
        hanging._transport.pause_reading()
        answer = asyncio.create_task(rows_of_everything.fetch(timeout=60))
        await until(lambda: take_lock(waiting), within=9)
        hanging.terminate()
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)):
            await answer


async def test_a_session_that_beats_keeps_the_lock(
    database: Database,
    outside: Any,
    start_relay: StartRelay,
) -> None:
    """Longer than the server allows silence, while the broker acknowledges nothing."""
    relay = start_relay()
    await until_active(relay)
    pid = await outside.fetchval(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'core.relay' AND datname = current_database()",
    )
    await outside.execute(
        "INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes) "
        "VALUES ('no.such.topic', 'i1', 1, 1, '{}', now(), '{}')",
    )
    began = asyncio.get_running_loop().time()

    async def long_enough() -> bool:
        alive: int = await outside.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", pid)
        assert alive == 1
        return asyncio.get_running_loop().time() - began > 4

    await until(long_enough)
    await outside.execute("TRUNCATE source.outbox")
    await kill_relay_session(outside)
