"""Transactions that end in other ways than by their end."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from asyncpg import DivisionByZeroError, ReadOnlySQLTransactionError

from shared.db.engine import Role, create_engine
from shared.db.kept import KeptConnection
from shared.db.session import (
    Database,
    NotCommitted,
    driver_of,
    notify_after_commit,
    savepoint,
    transaction_on,
)
from shared.db.trouble import is_database_trouble
from shared.http.errors import DatabaseUnavailable
from shared.http.failures import problem_for
from tests.shared.conditions import until
from tests.shared.items import Item
from tests.shared.notifications import heard

_INSERT = "INSERT INTO derived.item (item_id, version, value) VALUES ($1, 1, 1)"


async def test_both_ways_to_the_database_are_in_one_transaction(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.transaction() as session:
            await (await driver_of(session)).execute(_INSERT, "i1")
            session.add(Item(item_id="i2", version=1, value=1))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    assert await _items(database) == set()


async def test_what_the_session_holds_back_is_written_before_the_commit(database: Database) -> None:
    async with database.transaction() as session:
        session.add(Item(item_id="i1", version=1, value=1))
    assert await _items(database) == {"i1"}


async def test_a_notification_leaves_after_the_commit_and_only_then(database: Database, outside: Any) -> None:
    async def write(item_id: str, *, fail: bool) -> None:
        async with database.transaction() as session:
            await (await driver_of(session)).execute(_INSERT, item_id)
            for _ in range(2):
                notify_after_commit(session, "moved")
            if fail:
                raise ZeroDivisionError

    async with outside.acquire() as listener, heard(listener, "moved") as notifications:
        with pytest.raises(ZeroDivisionError):
            await write("i1", fail=True)
        await write("i2", fail=False)
    assert notifications == [""]


async def test_each_payload_is_told_once(database: Database, outside: Any) -> None:
    async with (
        outside.acquire() as listener,
        heard(listener, "moved") as notifications,
        database.transaction() as session,
    ):
        for payload in ("a,b", "it's", "a,b", ""):
            notify_after_commit(session, "moved", payload)
    assert notifications == ["a,b", "it's", ""]


async def test_what_an_open_transaction_holds_is_not_written_with_ours(database: Database) -> None:
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute("BEGIN")
        await driver.execute(_INSERT, "i1")

        async def write() -> None:
            async with transaction_on(connection, driver) as session:
                await (await driver_of(session)).execute(_INSERT, "i2")

        with pytest.raises(NotCommitted) as refused:
            await write()
    assert is_database_trouble(refused.value)
    assert isinstance(problem_for(refused.value), DatabaseUnavailable)
    async with database.transaction() as session:
        await (await driver_of(session)).execute(_INSERT, "i3")
    assert await _items(database) == {"i3"}


async def test_a_commit_that_rolls_back_is_an_error(database: Database) -> None:
    async def write() -> None:
        async with database.transaction() as session:
            driver = await driver_of(session)
            await driver.execute(_INSERT, "i1")
            with suppress(DivisionByZeroError):
                await driver.execute("SELECT 1 / 0")

    with pytest.raises(NotCommitted):
        await write()
    assert await _items(database) == set()


async def test_what_opens_a_transaction_goes_with_its_begin(database: Database) -> None:
    kept = KeptConnection(database)
    async with kept.transaction(opening="SELECT set_config('work_mem', '123kB', true)") as session:
        driver = await driver_of(session)
        assert await driver.fetchval("SHOW work_mem") == "123kB"
    async with kept.transaction() as session:
        assert await (await driver_of(session)).fetchval("SHOW work_mem") != "123kB"
    await kept.release()


async def test_a_savepoint_undoes_what_is_in_it_alone(database: Database) -> None:
    async with database.transaction() as session:
        driver = await driver_of(session)
        await driver.execute(_INSERT, "i1")
        with suppress(ZeroDivisionError):
            async with savepoint(session):
                await driver.execute(_INSERT, "i2")
                raise ZeroDivisionError
        await driver.execute(_INSERT, "i3")
    assert await _items(database) == {"i1", "i3"}


async def test_a_snapshot_sees_one_state_and_writes_nothing(database: Database) -> None:
    async with database.snapshot() as session:
        driver = await driver_of(session)
        assert await driver.fetchval("SELECT count(*) FROM derived.item") == 0
        async with database.transaction() as other:
            await (await driver_of(other)).execute(_INSERT, "i1")
        assert await driver.fetchval("SELECT count(*) FROM derived.item") == 0

    async def write() -> None:
        async with database.snapshot() as session:
            await (await driver_of(session)).execute(_INSERT, "i2")

    with pytest.raises(ReadOnlySQLTransactionError):
        await write()


async def test_who_is_cancelled_while_he_rolls_back_leaves_no_transaction_open(
    core_database_url: str, database: Database, outside: Any
) -> None:
    alone = Database(create_engine(core_database_url, service="core", role=Role.API, pool_size=1))

    async def work_long() -> None:
        async with alone.transaction() as session:
            driver = await driver_of(session)
            await driver.execute(_INSERT, "i1")
            await driver.execute("SELECT pg_sleep(30)")

    async def sleeps() -> bool:
        return bool(await outside.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))

    working = asyncio.create_task(work_long())
    await until(sleeps)
    while not working.done():
        working.cancel()
        await asyncio.sleep(0)
    # Inside of the transaction that was left it would fail, and not be seen from outside.
    async with alone.transaction() as session:
        await (await driver_of(session)).execute(_INSERT, "i1")
    assert await _items(database) == {"i1"}
    await alone.close()


async def _items(database: Database) -> set[str]:
    async with database.reading() as session:
        rows = await (await driver_of(session)).fetch("SELECT item_id FROM derived.item")
    return {row["item_id"] for row in rows}
