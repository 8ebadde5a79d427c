"""A connection that is kept between sessions."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel import select

from shared.db.kept import KeptConnection, KeptConnections
from shared.db.session import Database, after_commit, driver_of
from tests.shared.items import Item


@pytest_asyncio.fixture(loop_scope="session")
async def kept(database: Database) -> AsyncIterator[KeptConnection]:
    connection = KeptConnection(database)
    yield connection
    await connection.release()


async def _backend(kept: KeptConnection) -> int:
    async with kept.transaction() as session:
        backend: int = await (await driver_of(session)).fetchval("SELECT pg_backend_pid()")
    return backend


async def test_transactions_follow_each_other_on_one_connection(kept: KeptConnection, outside: Any) -> None:
    called: list[str] = []
    for number in range(3):
        async with kept.transaction() as session:
            session.add(Item(item_id=f"i{number}", version=1, value=number))
            after_commit(session, lambda: called.append("committed"))
    assert await outside.fetchval("SELECT count(*) FROM derived.item") == 3
    assert called == ["committed"] * 3
    assert await _backend(kept) == await _backend(kept)


async def _fail_after(kept: KeptConnection, called: list[str]) -> None:
    async with kept.transaction() as session:
        session.add(Item(item_id="i1", version=1, value=1))
        await session.flush()
        after_commit(session, lambda: called.append("never"))
        raise ZeroDivisionError


async def test_an_error_undoes_its_transaction_alone(kept: KeptConnection, outside: Any) -> None:
    called: list[str] = []
    with pytest.raises(ZeroDivisionError):
        await _fail_after(kept, called)
    async with kept.transaction() as session:
        assert (await session.exec(select(Item))).all() == []
        session.add(Item(item_id="i2", version=1, value=2))
    assert await outside.fetchval("SELECT string_agg(item_id, ',') FROM derived.item") == "i2"
    assert called == []


async def _lose(kept: KeptConnection, outside: Any, backend: int) -> None:
    async with kept.transaction() as session:
        await outside.execute("SELECT pg_terminate_backend($1, 5000)", backend)
        await (await driver_of(session)).execute("SELECT 1")


async def test_a_lost_connection_is_replaced_by_another(kept: KeptConnection, outside: Any) -> None:
    lost = await _backend(kept)
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError)):
        await _lose(kept, outside, lost)
    assert await _backend(kept) != lost


async def test_reading_and_writing_sessions_follow_each_other_on_one_connection(kept: KeptConnection) -> None:
    backend = await _backend(kept)
    async with kept.reading() as session:
        assert (await session.exec(select(Item))).all() == []
        driver = await driver_of(session)
        assert await driver.fetchval("SELECT pg_backend_pid()") == backend
        assert not driver.is_in_transaction()
    async with kept.transaction() as session:
        session.add(Item(item_id="i1", version=1, value=1))
    async with kept.reading() as session:
        assert len((await session.exec(select(Item))).all()) == 1
    assert await _backend(kept) == backend


async def test_what_is_released_can_be_taken_by_others(database: Database) -> None:
    several = [KeptConnection(database) for _ in range(4)]
    backends = {await _backend(each) for each in several}
    assert len(backends) == 4
    for each in several:
        await each.release()
    async with database.transaction() as session:
        assert await (await driver_of(session)).fetchval("SELECT pg_backend_pid()") in backends


async def _backends(kept: KeptConnections, at_once: int) -> set[int]:
    async with AsyncExitStack() as opened:
        sessions = [await opened.enter_async_context(kept.transaction()) for _ in range(at_once)]
        return {await (await driver_of(one)).fetchval("SELECT pg_backend_pid()") for one in sessions}


async def test_of_many_at_once_no_more_are_kept_than_allowed(database: Database) -> None:
    kept = KeptConnections(database, most=2)
    several = await _backends(kept, 4)
    assert len(several) == 4
    assert await _backends(kept, 2) < several
    # The pool holds no more than four: were others kept too, these would wait for ever.
    async with database.transaction() as session, database.transaction() as other:
        found = {await (await driver_of(one)).fetchval("SELECT pg_backend_pid()") for one in (session, other)}
    assert found < several
    await kept.release()


async def test_what_is_in_use_when_all_are_released_is_given_back_at_its_end(database: Database) -> None:
    pool = database.engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    kept = KeptConnections(database, most=2)
    async with kept.reading() as session:
        assert (await session.exec(select(Item))).all() == []
        await kept.release()
        assert pool.checkedout() == 1
    assert pool.checkedout() == 0


async def test_an_error_of_one_is_none_of_the_next(database: Database, outside: Any) -> None:
    kept = KeptConnections(database, most=1)
    with pytest.raises(ZeroDivisionError):
        await _fail_in(kept)
    async with kept.transaction() as session:
        session.add(Item(item_id="i2", version=1, value=2))
    await kept.release()
    assert await outside.fetchval("SELECT string_agg(item_id, ',') FROM derived.item") == "i2"


async def _fail_in(kept: KeptConnections) -> None:
    async with kept.transaction() as session:
        session.add(Item(item_id="i1", version=1, value=1))
        await session.flush()
        raise ZeroDivisionError
