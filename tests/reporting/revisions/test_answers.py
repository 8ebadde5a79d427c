"""Shared answers: never older than the request, looked up and rendered once for all who ask at a time."""

import asyncio
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.revisions import service
from services.reporting.revisions.service import Answer, Answers, LatestRevision
from shared.db.engine import Role
from shared.db.session import Database, driver_of
from tests.service import opened
from tests.shared.conditions import until

_A_LOOK_WAITS = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE datname = current_database() AND NOT granted
"""


class Rendering:
    """Renders the number of the revision, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self, session: AsyncSession) -> Answer:
        self.count += 1
        number: int = await (await driver_of(session)).fetchval("SELECT number FROM derived.revision")
        return Answer(number, str(number).encode())


async def _move(connection: Any, by: int = 1) -> int:
    number: int = await connection.fetchval(
        "UPDATE derived.revision SET number = number + $1 RETURNING number", by
    )
    return number


async def test_an_answer_is_rendered_once_a_revision(database: Database, connection: Any) -> None:
    answers, render = Answers(database), Rendering()
    first = await asyncio.gather(*(answers.get("board", render) for _ in range(20)))
    assert (len(set(first)), render.count) == (1, 1)
    number = await _move(connection)
    second = await asyncio.gather(*(answers.get("board", render) for _ in range(20)))
    assert ({answer.revision for answer in second}, render.count) == ({number}, 2)
    assert (await answers.get("other", render)).revision == number
    assert render.count == 3


async def test_no_answer_is_older_than_its_request(database: Database, connection: Any) -> None:
    answers, render = Answers(database), Rendering()
    stop = False

    async def reader() -> int:
        """Others who keep looks under way."""
        reads = 0
        while not stop:
            await answers.get("board", render)
            reads += 1
        return reads

    readers = [asyncio.create_task(reader()) for _ in range(5)]
    for _ in range(100):
        number = await _move(connection)
        assert (await answers.get("board", render)).revision >= number
    stop = True
    assert min(await asyncio.gather(*readers)) > 10
    assert render.count <= 101


class Counting:
    """A driver that counts what it is asked."""

    def __init__(self, driver: Any, looks: list[str]) -> None:
        self._driver = driver
        self._looks = looks

    async def fetchval(self, statement: str) -> Any:
        self._looks.append(statement)
        return await self._driver.fetchval(statement)

    def is_closed(self) -> bool:
        closed: bool = self._driver.is_closed()
        return closed


async def test_one_look_serves_all_who_ask_meanwhile(
    database: Database, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    async def counted(session: AsyncSession) -> Counting:
        return Counting(await driver_of(session), looks)

    monkeypatch.setattr(service, "driver_of", counted)
    latest = LatestRevision(database)
    async with connection.transaction():
        await connection.execute("LOCK TABLE derived.revision IN ACCESS EXCLUSIVE MODE")
        first = asyncio.create_task(latest.number())
        await until(lambda: connection.fetchval(_A_LOOK_WAITS))
        # Too late for the look under way, all of them: the next is theirs together.
        others = [asyncio.create_task(latest.number()) for _ in range(50)]
        number = await _move(connection)
    assert set(await asyncio.gather(*others)) == {number}
    assert await first <= number
    assert len(looks) == 2


async def test_a_connection_lost_between_two_who_ask_is_replaced(
    database: Database, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[Any] = []

    async def seen(session: AsyncSession) -> Any:
        used.append(await driver_of(session))
        return used[-1]

    async def closed() -> bool:
        return bool(used[0].is_closed())

    monkeypatch.setattr(service, "driver_of", seen)
    latest = LatestRevision(database)
    number = await latest.number()
    await connection.execute("SELECT pg_terminate_backend($1)", used[0].get_server_pid())
    await until(closed)
    assert await latest.number() == number
    assert len(used) == 2


async def test_who_waits_learns_that_the_database_is_gone(database_url: str) -> None:
    async with opened(database_url + "_missing", "reporting", Role.API) as nowhere:
        latest = LatestRevision(nowhere)
        for _ in range(2):
            asked = await asyncio.gather(*(latest.number() for _ in range(3)), return_exceptions=True)
            assert [isinstance(one, Exception) for one in asked] == [True] * 3


async def test_who_goes_away_takes_nothing_from_the_others(database: Database) -> None:
    latest = LatestRevision(database)
    leaving, staying = asyncio.create_task(latest.number()), asyncio.create_task(latest.number())
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying > 0
    assert leaving.cancelled()


async def test_what_a_failed_rendering_raises_is_not_kept(database: Database) -> None:
    answers = Answers(database)

    async def failing(_session: AsyncSession) -> Answer:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await answers.get("board", failing)
    assert (await answers.get("board", Rendering())).body


async def test_a_database_that_came_back_older_is_believed(database: Database, connection: Any) -> None:
    answers, render = Answers(database), Rendering()
    await _move(connection, by=10)
    newer = await answers.get("board", render)
    older = await _move(connection, by=-10)
    assert (await answers.get("board", render)).revision == older < newer.revision
