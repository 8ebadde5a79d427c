"""A small HTTP/1.1 client whose own cost is far below that of the servers that it measures, and an open loop.

httpx takes about as long for a request as the service does; on two cores the measurement would be of the client.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple, Self, cast
from urllib.parse import urlsplit

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Unexpected(Exception):
    """A service answered something else than the measurement stands on."""


class Answer(NamedTuple):
    """`head` is the status line and the headers as they came."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        found = re.search(rb"(?i)\r\n" + re.escape(name.encode()) + rb": *([^\r]*)", self.head)
        return found[1].decode() if found else None

    def expect(self, status: int) -> None:
        """Raises Unexpected for another one. The body is not looked into: on two cores that would be felt."""
        if self.status != status:
            raise Unexpected(f"{self.status} instead of {status}: {self.body[:500].decode(errors='replace')}")


class _Connection(asyncio.Protocol):
    """One request at a time. Answers without a length have no body, which is so of all that our services send."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None
        self.alive = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none by inheritance.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.alive = False
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed by the server"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_HEAD_END)
        if end < 0:
            return
        length = _LENGTH.search(self._buffer, 0, end)
        whole = end + len(_HEAD_END) + (int(length[1]) if length else 0)
        if len(self._buffer) < whole or self._answer is None or self._answer.done():
            return
        head, body = bytes(self._buffer[:end]), bytes(self._buffer[end + len(_HEAD_END) : whole])
        del self._buffer[:whole]
        self._answer.set_result(Answer(int(head[9:12]), head, body))

    async def send(self, request: bytes) -> Answer:
        if self._transport is None:
            raise ConnectionError("not connected")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport:
            self._transport.close()


class Client:
    """`async with Client(url, token)`: as many kept connections as requests were ever under way at once."""

    def __init__(self, url: str, token: str | None = None) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._head = f"Host: {parts.netloc}\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")
        self._idle: list[_Connection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        for connection in self._idle:
            connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> bytes:
        """A request, ready to be sent any number of times."""
        return self._request("GET", path, headers or {}, b"")

    def post(self, path: str, body: Any, headers: Mapping[str, str]) -> bytes:
        """The same with a body that becomes JSON."""
        return self._request("POST", path, headers, json.dumps(body, separators=(",", ":")).encode())

    def post_encoded(self, path: str, content: bytes) -> bytes:
        """The same with a body that is JSON."""
        return self._request("POST", path, {}, content)

    def put(self, path: str, content: bytes) -> bytes:
        """The same with a body that is JSON."""
        return self._request("PUT", path, {}, content)

    def _request(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> bytes:
        if content:
            own = {"Content-Type": "application/json", "Content-Length": str(len(content))}
            headers = {**own, **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {path} HTTP/1.1\r\n{self._head}{lines}\r\n".encode() + content

    async def send(self, request: bytes) -> Answer:
        """Whatever the status is. Raises OSError."""
        connection = await self._connected()
        answer = await connection.send(request)
        self._idle.append(connection)
        return answer

    async def _connected(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.alive:
                return connection
        _, fresh = await asyncio.get_running_loop().create_connection(_Connection, self._host, self._port)
        return fresh


async def at_constant_rate(
    rate: float,
    count: int,
    act: Callable[[int, float], Awaitable[None]],
    ended: Callable[[], bool] = lambda: False,
) -> None:
    """Begin `count` acts, `rate` a second, whether those before have ended or not; return when all have.

    Each is told when it was due, in seconds since 1970: what is measured from there hides no queue. None is begun
    any more once `ended` says so.
    """
    began = time.time()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            due = began + number / rate
            if (ahead := due - time.time()) > 0:
                await asyncio.sleep(ahead)
            if ended():
                break
            group.create_task(_started(act, number, due))


async def _started(act: Callable[[int, float], Awaitable[None]], number: int, due: float) -> None:
    await act(number, due)


async def requests_a_second(
    client: Client, request: bytes, seconds: float, connections: int, status: int
) -> float:
    """How many answers with `status` come a second over as many connections. Raises Unexpected for another."""
    until = time.perf_counter() + seconds
    began, answered = time.perf_counter(), 0

    async def ask() -> None:
        nonlocal answered
        while time.perf_counter() < until:
            (await client.send(request)).expect(status)
            answered += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(ask())
    return answered / (time.perf_counter() - began)
