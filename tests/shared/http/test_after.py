"""Reading one's own write: an answer as soon as it has arrived, 202 when it has not, and one poller for all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import asyncpg
import httpx
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database, driver_of
from shared.http import after as after_module
from shared.http.after import (
    AfterWaiter,
    InvalidAfterToken,
    Token,
    parse_tokens,
    parse_wait,
    token_of,
)
from shared.http.errors import Overloaded
from tests.shared.conditions import until
from tests.shared.http.counted import Counted

SEEN = "INSERT INTO derived.seen VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET version = excluded.version"


def after(key: str, version: int, wait: int | None = None) -> dict[str, str]:
    headers = {"Talenta-After": token_of("sample.things", key, version)}
    return headers if wait is None else headers | {"Prefer": f"wait={wait}"}


async def test_version_already_taken_in_answers_at_once(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
) -> None:
    await connection.execute(SEEN, "k", 5)
    assert (await client.get("/v1/seen/k", headers=after("k", 5))).json() == {"sample.things": 5}
    assert (await client.get("/v1/seen/k", headers=after("k", 4, wait=2))).status_code == 200


async def test_version_not_yet_there_is_202_with_retry_after(client: httpx.AsyncClient) -> None:
    for headers in (after("k", 1), after("k", 1, wait=1)):
        answer = await client.get("/v1/seen/k", headers=headers)
        assert (answer.status_code, answer.json()) == (202, {"status": "pending"})
        assert int(answer.headers["retry-after"]) > 0


async def test_reader_is_answered_when_the_version_arrives(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
) -> None:
    reading = asyncio.create_task(client.get("/v1/seen/k", headers=after("k", 2, wait=10)))
    await connection.execute(SEEN, "k", 1)
    done, _ = await asyncio.wait({reading}, timeout=0.1)
    assert not done
    await connection.execute(SEEN, "k", 2)
    async with asyncio.timeout(5):
        answer = await reading
    assert (answer.status_code, answer.json()) == (200, {"sample.things": 2})


async def test_all_of_several_tokens_must_have_arrived(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
) -> None:
    await connection.execute(SEEN, "a", 1)
    both = {"Talenta-After": "sample.things/a@1, sample.things/b@1"}
    assert (await client.get("/v1/seen/a", headers=both)).status_code == 202
    await connection.execute(SEEN, "b", 1)
    assert (await client.get("/v1/seen/a", headers=both)).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        *(
            "",
            "k",
            "sample.things/k",
            "sample.things/k@x",
            "sample/k@1",
            "sample.things/k@1,",
            "sample.things/k@-1",
        ),
        *(",".join(["sample.things/k@1"] * 17), f"sample.things/{'k' * 65}@1", f"sample.things/k@{'9' * 19}"),
    ],
)
async def test_malformed_token_is_a_problem(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/v1/seen/k", headers={"Talenta-After": header})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_after_token")


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        *(("wait=2", 2), ("respond-async, wait=3", 3), ('wait="4"', 4), ("WAIT = 5", 5), ("wait=99", 10)),
        *(("", 0), ("await=7", 0), ("wait=-1", 0), ("wait=x", 0), ("return=minimal", 0)),
    ],
)
def test_wait_is_read_as_rfc_7240_says(prefer: str, seconds: float) -> None:
    assert parse_wait(prefer) == seconds


def test_token_is_read_as_it_was_written() -> None:
    assert parse_tokens(token_of("a.b", "k-1", 7)) == (Token("a.b", "k-1", 7),)
    with pytest.raises(InvalidAfterToken):
        parse_tokens("a.b/k-1")


def pollers() -> list[asyncio.Task[None]]:
    return [task for task in asyncio.all_tasks() if task.get_name() == "after-poller"]


async def test_one_poller_asks_for_all_who_wait_and_nobody_after(database: Database) -> None:
    reached = Counted()
    waiter = AfterWaiter(database, reached)
    waiting = [
        asyncio.create_task(waiter.wait((Token("sample.things", f"k{number}", 1),), 5.0)) for number in range(50)
    ]
    await reached.until_asked_for(50)
    reached.versions = {f"k{number}": 1 for number in range(50)}
    assert await asyncio.gather(*waiting) == [True] * 50
    await asyncio.wait_for(asyncio.gather(*pollers()), 5)
    assert not pollers()
    await waiter.close()


async def test_poller_starts_anew_for_the_next_reader(database: Database) -> None:
    reached = Counted()
    waiter = AfterWaiter(database, reached)
    for number in range(20):
        reached.versions = {"k": number}
        assert await waiter.wait((Token("sample.things", "k", number),), 5.0)
    await waiter.close()


async def test_callers_without_a_token_cannot_keep_the_others_from_waiting(database: Database) -> None:
    reached = Counted()
    waiter = AfterWaiter(database, reached)
    token = (Token("sample.things", "k", 1),)
    unknown = [asyncio.create_task(waiter.wait(token, 5.0, known=False)) for _ in range(64)]
    await reached.until_asked_for(1)
    with pytest.raises(Overloaded):
        await waiter.wait(token, 5.0, known=False)
    known = asyncio.create_task(waiter.wait(token, 5.0))
    reached.versions = {"k": 1}
    assert await known
    assert await asyncio.gather(*unknown) == [True] * 64
    await waiter.close()


class SlowToClose(Database):
    """A database whose sessions close only when the test lets them."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.engine)
        self.closing, self.closed = asyncio.Event(), asyncio.Event()

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        async with super().reading() as session:
            yield session
            self.closing.set()
            await self.closed.wait()


async def test_reader_who_comes_while_the_poller_ends_is_served(database: Database) -> None:
    reached, slow = Counted(), SlowToClose(database)
    reached.versions = {"k": 1}
    waiter = AfterWaiter(slow, reached)
    assert await waiter.wait((Token("sample.things", "k", 1),), 5.0)
    await asyncio.wait_for(slow.closing.wait(), 5)
    assert await waiter.wait((Token("sample.things", "k", 1),), 2.0)
    slow.closed.set()
    await waiter.close()


async def test_a_connection_lost_between_two_readers_is_replaced(database: Database) -> None:
    drivers: list[Any] = []

    async def reached(session: AsyncSession, _keys: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        drivers.append(await driver_of(session))
        await drivers[-1].fetchval("SELECT 1")
        return {"k": {"sample.things": 1}}

    async def lost() -> bool:
        return bool(drivers[0].is_closed())

    waiter = AfterWaiter(database, reached)
    assert await waiter.wait((Token("sample.things", "k", 1),), 5.0)
    async with database.reading() as session:
        driver = await driver_of(session)
        await driver.execute("SELECT pg_terminate_backend($1)", drivers[0].get_server_pid())
    await until(lost)
    assert await waiter.wait((Token("sample.things", "k", 1),), 5.0)
    assert len({id(driver) for driver in drivers}) == 2
    await waiter.close()


async def test_a_connection_that_is_given_back_listens_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(after_module, "_LINGER_SECONDS", 0.0)
    reached = Counted()
    reached.versions = {"k": 1}
    waiter = AfterWaiter(database, reached)
    assert await waiter.wait((Token("sample.things", "k", 1),), 5.0)
    await asyncio.wait_for(asyncio.gather(*pollers()), 5)
    async with database.reading() as session:
        assert await (await driver_of(session)).fetch("SELECT pg_listening_channels()") == []


async def test_trouble_of_the_database_reaches_the_readers_and_passes(database: Database) -> None:
    reached = Counted()
    reached.failing = True
    waiter = AfterWaiter(database, reached)
    with pytest.raises(ConnectionResetError):
        await waiter.wait((Token("sample.things", "k", 1),), 5.0)
    reached.failing, reached.versions = False, {"k": 1}
    assert await waiter.wait((Token("sample.things", "k", 1),), 5.0)
    await waiter.close()


async def test_time_given_is_kept(database: Database) -> None:
    waiter = AfterWaiter(database, Counted())
    began = asyncio.get_running_loop().time()
    assert not await waiter.wait((Token("sample.things", "k", 1),), 0.2)
    assert 0.2 <= asyncio.get_running_loop().time() - began < 1.0
    await waiter.close()
