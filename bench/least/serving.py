"""HTTP/1.1 with nothing around it: a request is found in the bytes, answered, and the connection kept.

No framework, token, validation, problem, log or metric, and only what the bench's client sends is understood.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, Self, cast

from bench.least.carrying import Surroundings
from bench.least.tables import connected
from deploy.local.ports import LOOPBACK

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_SESSIONS: Final = 8
"""As in the floor."""


class Request(NamedTuple):
    """`head` is the request line and the headers as they came, `caller` who has shown a token."""

    head: bytes
    body: bytes
    caller: str = ""


Answering = Callable[[Request], Awaitable[bytes]]


def answer(status: int, body: bytes = b"", headers: str = "") -> bytes:
    """All of it as it is sent."""
    return f"HTTP/1.1 {status} -\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def nothing(_request: Request) -> bytes:
    """The answer of a worker, which is asked for nothing of its own."""
    return answer(404)


async def serve(around: Surroundings, answering: Answering) -> None:
    """Until it is cancelled; whether it is ready, and what manner it is told, is answered by itself."""

    async def answer_all(request: Request) -> bytes:
        if request.head.startswith(b"GET /readyz ") or around.manner.told(request.head):
            return answer(200)
        return await answering(request)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answer_all), LOOPBACK, around.port)
    async with server:
        await server.serve_forever()


class Sessions:
    """Some sessions, each used by one request at a time.

    Not asyncpg's pool, which asks the server to reset a session after each use.
    """

    def __init__(self, free: list[Any]) -> None:
        self._free = free
        self._given_back = asyncio.Semaphore(len(free))

    @classmethod
    async def of(cls, database_url: str) -> Self:
        return cls([await connected(database_url) for _ in range(_SESSIONS)])

    async def fetchrow(self, statement: str, *arguments: Any) -> Any:
        async with self._given_back:
            session = self._free.pop()
            try:
                return await session.fetchrow(statement, *arguments)
            finally:
                self._free.append(session)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none by inheritance.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_HEAD_END)
        if end < 0:
            return
        length, body = _LENGTH.search(self._buffer, 0, end), end + len(_HEAD_END)
        if len(self._buffer) < body + (int(length[1]) if length else 0):
            return
        request, self._buffer = Request(self._buffer[:end], self._buffer[body:]), b""
        self._task = asyncio.create_task(self._answer(request))

    async def _answer(self, request: Request) -> None:
        answered = await self._answering(request)
        if self._transport:
            self._transport.write(answered)
