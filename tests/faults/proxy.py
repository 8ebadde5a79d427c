"""A door between the services and the broker, which can be shut, and slammed in the middle of a request."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from deploy.local.ports import LOOPBACK

_PRODUCE: Final = 0
"""Kafka's key of the request that produces."""
_CHUNK: Final = 64 * 1024


class Cut(StrEnum):
    """Where the connection breaks around one request of a producer."""

    NOT = "passed on whole, and answered"
    BEFORE = "before the broker sees it"
    MIDWAY = "when the broker has half of it"
    UNANSWERED = "when the broker has written it, and before the producer learns of it"


class Proxy:
    """`async with Proxy(port, target)`: every byte goes through, until `shut` or `cut`."""

    def __init__(self, port: int, target: int) -> None:
        self._port, self._target = port, target
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._open = True
        self.cuts: deque[Cut] = deque()
        """For the next requests of producers, one each."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shut()
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    def shut(self) -> None:
        """Break every connection; new ones are broken at once."""
        self._open = False
        for connection in list(self._connections):
            connection.close()

    def open(self) -> None:
        self._open = True

    def cut(self, cuts: Iterable[Cut]) -> None:
        """Do this to the next requests that producers send, one after the other."""
        self.cuts.extend(cuts)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            writer.close()
            return
        try:
            broker = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:
            writer.close()
            return
        connection = _Connection((reader, writer), broker, self.cuts)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Connection:
    def __init__(self, client: Streams, broker: Streams, cuts: deque[Cut]) -> None:
        self._from_client, self._to_client = client
        self._from_broker, self._to_broker = broker
        self._cuts = cuts
        self._swallows = False

    def close(self) -> None:
        self._to_client.close()
        self._to_broker.close()

    async def run(self) -> None:
        try:
            await asyncio.gather(self._requests(), self._answers())
        except (OSError, asyncio.IncompleteReadError):
            pass  # one side went away: so does the other
        finally:
            self.close()
            for each in (self._to_client, self._to_broker):
                with contextlib.suppress(OSError):
                    await each.wait_closed()

    async def _requests(self) -> None:
        while True:
            size = await self._from_client.readexactly(4)
            request = await self._from_client.readexactly(int.from_bytes(size))
            producing = int.from_bytes(request[:2]) == _PRODUCE
            cut = self._cuts.popleft() if producing and self._cuts else Cut.NOT
            if cut is Cut.BEFORE:
                raise ConnectionResetError
            self._swallows = cut is Cut.UNANSWERED
            self._to_broker.write(size + (request[: len(request) // 2] if cut is Cut.MIDWAY else request))
            await self._to_broker.drain()
            if cut is Cut.MIDWAY:
                raise ConnectionResetError

    async def _answers(self) -> None:
        while answer := await self._from_broker.read(_CHUNK):
            if self._swallows:
                break
            self._to_client.write(answer)
            await self._to_client.drain()
        raise ConnectionResetError
