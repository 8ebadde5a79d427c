"""Who waits is looked for when he is told of, and not whenever anybody else is."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import asyncpg
import pytest
import pytest_asyncio
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.moved import MOST_TOLD, MOVED, told
from shared.db.session import Database, driver_of, notify_after_commit
from shared.http import after as after_module
from shared.http.after import AfterWaiter, Token
from tests.shared.http.counted import Counted

K = (Token("sample.things", "k", 1),)


class Paused(Counted):
    """Once it has seen the versions, it answers only when the test lets it, and all that was told has arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.seen, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, session: AsyncSession, keys: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        versions = await super().__call__(session, keys)
        self.seen.set()
        await self.go_on.wait()
        await (await driver_of(session)).execute("SELECT 1")
        return versions


@pytest.fixture(autouse=True)
def _told_or_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(after_module, "_UNTOLD_SECONDS", 60.0)


@pytest_asyncio.fixture
async def reached() -> Counted:
    return Counted()


@pytest_asyncio.fixture
async def waiter(database: Database, reached: Counted) -> AsyncIterator[AfterWaiter]:
    made = AfterWaiter(database, reached)
    yield made
    await made.close()


async def _tell(connection: asyncpg.Connection, *keys: str) -> None:
    await connection.execute("SELECT pg_notify($1, $2)", MOVED, told(keys))


@pytest.mark.parametrize("keys", [["k"], ["a", "k", "b"], []], ids=["he alone", "he among others", "nobody knows"])
async def test_who_is_told_of_is_looked_for_at_once(
    waiter: AfterWaiter, reached: Counted, connection: asyncpg.Connection, keys: Sequence[str]
) -> None:
    waiting = asyncio.create_task(waiter.wait(K, 10.0))
    await reached.until_asked_for(1)
    reached.versions = {"k": 1}
    await _tell(connection, *keys)
    assert await waiting
    assert len(reached.asked) == 2


async def test_nobody_looks_for_who_was_not_told_of(
    waiter: AfterWaiter, reached: Counted, connection: asyncpg.Connection
) -> None:
    waiting = asyncio.create_task(waiter.wait(K, 10.0))
    await reached.until_asked_for(1)
    for number in range(50):
        await _tell(connection, f"k{number}", "kk")
    reached.versions = {"k": 1}
    # Notifications come in their order: when this one has, so have those.
    await _tell(connection, "k")
    assert await waiting
    assert len(reached.asked) == 2


async def test_who_is_told_of_while_a_look_is_under_way_is_looked_for_again(
    database: Database, connection: asyncpg.Connection
) -> None:
    reached = Paused()
    waiter = AfterWaiter(database, reached)
    waiting = asyncio.create_task(waiter.wait(K, 10.0))
    await reached.seen.wait()
    reached.versions = {"k": 1}
    await _tell(connection, "k")
    reached.go_on.set()
    assert await waiting
    await waiter.close()


async def test_who_comes_later_is_looked_for_at_once(waiter: AfterWaiter, reached: Counted) -> None:
    first = asyncio.create_task(waiter.wait(K, 10.0))
    await reached.until_asked_for(1)
    reached.versions = {"k": 1}
    assert await waiter.wait(K, 10.0)
    assert await first


async def test_who_moved_before_he_came_need_not_be_told_of_again(
    waiter: AfterWaiter, reached: Counted, connection: asyncpg.Connection
) -> None:
    other = asyncio.create_task(waiter.wait((Token("sample.things", "other", 1),), 10.0))
    await reached.until_asked_for(1)
    reached.versions = {"k": 1}
    await _tell(connection, "k")
    assert await waiter.wait(K, 10.0)
    reached.versions = {"other": 1}
    await _tell(connection, "other")
    assert await other


def test_many_are_not_told_of_one_by_one() -> None:
    longest = ["k" * 63 + chr(ord("a") + number % 26) for number in range(MOST_TOLD)]
    assert told(longest).split(",") == longest
    assert len(told(longest)) < 8000
    assert told([*longest, "k"]) == ""
    assert told([]) == ""


async def test_the_longest_that_is_told_arrives(database: Database, waiter: AfterWaiter, reached: Counted) -> None:
    waiting = asyncio.create_task(waiter.wait(K, 10.0))
    await reached.until_asked_for(1)
    reached.versions = {"k": 1}
    async with database.transaction() as session:
        notify_after_commit(session, MOVED, told(["k", *["x" * 64] * (MOST_TOLD - 1)]))
    assert await waiting
