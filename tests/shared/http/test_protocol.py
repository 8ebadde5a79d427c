"""Before there is a request: how large and how slow its head may be, and how many connections there are."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.http.protocol import BoundedProtocol
from tests.shared.http.server import served

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
ASKED: Final = b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"
HELD: Final = b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n"


class Hasty(BoundedProtocol):
    """Waits for a head for a moment only, and takes three connections."""

    head_seconds = 0.3
    most_connections = 3


@pytest.fixture
def app() -> FastAPI:
    """Answers at once, or when it is let go; counts what is asked for."""
    made = FastAPI(openapi_url=None)
    made.state.release = asyncio.Event()
    made.state.held = asyncio.Semaphore(0)

    @made.get("/quick")
    async def quick() -> str:
        return "quick"

    @made.post("/quick")
    async def count(request: Request) -> int:
        return len(await request.body())

    @made.get("/held")
    async def held() -> str:
        made.state.held.release()
        await made.state.release.wait()
        return "held"

    return made


@contextlib.asynccontextmanager
async def connecting(app: FastAPI, protocol: type[HttpToolsProtocol]) -> AsyncIterator["Connecting"]:
    async with served(app, protocol) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        connections = Connecting(host, int(port))
        try:
            yield connections
        finally:
            for _, writer in connections.opened:
                writer.close()


class Connecting:
    """Opens connections to one server."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self.opened: list[Connection] = []

    async def __call__(self, *sent: bytes) -> Connection:
        reader, writer = await asyncio.open_connection(*self._address)
        self.opened.append((reader, writer))
        for part in sent:
            writer.write(part)
            await writer.drain()
        return reader, writer


@pytest_asyncio.fixture
async def connect(app: FastAPI) -> AsyncIterator[Connecting]:
    async with connecting(app, BoundedProtocol) as connections:
        yield connections


@pytest_asyncio.fixture
async def hastily(app: FastAPI) -> AsyncIterator[Connecting]:
    async with connecting(app, Hasty) as connections:
        yield connections


async def until_closed(connection: Connection) -> bytes:
    """What came until then."""
    async with asyncio.timeout(10):
        try:
            return await connection[0].read()
        except ConnectionResetError:
            return b""


async def asked_on(connection: Connection, request: bytes = ASKED) -> bytes:
    connection[1].write(request)
    return await answer_on(connection)


async def answer_on(connection: Connection) -> bytes:
    async with asyncio.timeout(10):
        head = await connection[0].readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return head.partition(b" ")[2][:3] + b" " + await connection[0].readexactly(length)


def head_of(size: int, begin: bytes = b"GET /quick HTTP/1.1\r\nHost: a\r\n") -> bytes:
    return begin + b"X-Long: " + b"x" * (size - len(begin) - len(b"X-Long: \r\n\r\n")) + b"\r\n\r\n"


async def test_head_of_the_largest_size_is_taken_and_the_next_begins_anew(connect: Connecting) -> None:
    connection = await connect()
    for _ in range(3):
        assert await asked_on(connection, head_of(BoundedProtocol.largest_head)) == b'200 "quick"'


@pytest.mark.parametrize(
    ("begin", "filling"),
    [
        (b"", b"\r\n"),
        (b"GET /", b"x"),
        (b"GET /quick HTTP/1.1\r\nX: ", b"x"),
        (b"GET /quick HTTP/1.1\r\n", b"a:b\r\n"),
    ],
)
async def test_head_that_does_not_end_is_answered_431(connect: Connecting, begin: bytes, filling: bytes) -> None:
    sent = begin + filling * BoundedProtocol.largest_head
    answer = await until_closed(await connect(sent[: BoundedProtocol.largest_head]))
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_head_that_is_a_byte_too_large_is_not_taken(connect: Connecting) -> None:
    connection = await connect(head_of(BoundedProtocol.largest_head + 1))
    assert b"quick" not in await until_closed(connection)


async def test_body_is_no_head_however_it_is_sent(connect: Connecting) -> None:
    connection = await connect()
    for size in (40_000, 300_000, 0):
        head = b"POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size
        assert await asked_on(connection, head + b"x" * size) == b"200 %d" % size
    head = b"POST /quick HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert await asked_on(connection, head + b"1\r\nx\r\n" * 9_000 + b"0\r\n\r\n" + ASKED) == b"200 9000"
    assert await answer_on(connection) == b'200 "quick"'


@pytest.mark.parametrize("sent", [b"", b"GET /quick HTTP/1.1\r\nHost:", b"\r\n"])
async def test_connection_without_a_whole_head_is_ended(hastily: Connecting, sent: bytes) -> None:
    assert await until_closed(await hastily(sent)) == b""


async def test_head_that_comes_drop_by_drop_is_ended(hastily: Connecting) -> None:
    connection = await hastily(b"GET /")
    closed = asyncio.create_task(until_closed(connection))
    while not closed.done():
        connection[1].write(b"x")
        await asyncio.wait([closed], timeout=0.01)
    assert await closed == b""


async def test_connection_that_has_been_answered_is_ended_too_when_it_stops_in_a_head(hastily: Connecting) -> None:
    connection = await hastily()
    assert await asked_on(connection) == b'200 "quick"'
    connection[1].write(b"\r\n")
    assert await until_closed(connection) == b""


async def test_who_rests_or_waits_for_an_answer_stays(hastily: Connecting, app: FastAPI) -> None:
    resting, waiting = await hastily(), await hastily(HELD)
    assert await asked_on(resting) == b'200 "quick"'
    await app.state.held.acquire()
    for _ in range(2):
        await until_closed(await hastily())
    assert await asked_on(resting) == b'200 "quick"'
    app.state.release.set()
    assert await answer_on(waiting) == b'200 "held"'


async def test_one_connection_too_many_takes_the_place_of_one_that_is_not_answered(app: FastAPI) -> None:
    class Narrow(BoundedProtocol):
        most_connections = 3

    async with connecting(app, Narrow) as connect:
        held = [await connect(HELD) for _ in range(2)]
        for _ in held:
            await app.state.held.acquire()
        idle = await connect()
        assert await asked_on(idle) == b'200 "quick"'
        probe = await connect()
        assert await asked_on(probe) == b'200 "quick"'
        assert await until_closed(idle) == b""
        held.append(probe)
        probe[1].write(HELD)
        await app.state.held.acquire()
        assert await until_closed(await connect()) == b""  # all are being answered
        app.state.release.set()
        assert [await answer_on(one) for one in held] == [b'200 "held"'] * 3


async def test_few_requests_may_be_sent_ahead_and_many_not(connect: Connecting, app: FastAPI) -> None:
    connection = await connect(ASKED * 10)
    assert [await answer_on(connection) for _ in range(10)] == [b'200 "quick"'] * 10
    assert await until_closed(await connect(HELD + ASKED * 1000)) == b""
    app.state.release.set()
