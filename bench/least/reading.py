"""What the processes that are read from do: an answer is one row, and waits for the version that was asked for."""

import asyncio
import re
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from bench.least.carrying import ARRIVED, Surroundings
from bench.least.serving import Answering, Request, Sessions, answer, serve
from bench.least.tables import RANK, TALENT, connected

_READ: Final = re.compile(rb"GET /v1/[a-z]+/([^/ ]+).*Talenta-After: [^/]+/([^@]+)@(\d+)", re.DOTALL)


class _Arrivals:
    """What has arrived since the process was started, as the workers tell it: nobody looks for it."""

    def __init__(self) -> None:
        self._versions: dict[bytes, int] = {}
        self._awaited: dict[bytes, asyncio.Event] = {}

    def note(self, _session: Any, _pid: int, _channel: str, words: str) -> None:
        for word in words.encode().split():
            key, _, version = word.partition(b"@")
            self._versions[key] = int(version)
            if awaited := self._awaited.pop(key, None):
                awaited.set()

    async def of(self, key: bytes, version: int) -> None:
        while self._versions.get(key, 0) < version:
            await self._awaited.setdefault(key, asyncio.Event()).wait()


async def show_talents(around: Surroundings) -> None:
    """The state of one person."""
    await show(around, TALENT, UUID)


async def show_ranks(around: Surroundings) -> None:
    """The rank of one region."""
    await show(around, RANK, str)


async def show(
    around: Surroundings,
    statement: str,
    kind: Callable[[str], Any],
    guarded: Callable[[Answering], Answering] = lambda answering: answering,
) -> None:
    """The one value of a statement, whose parameter is in the path, once the version asked for has arrived."""
    sessions, arrivals = await Sessions.of(around.database_url), _Arrivals()
    listening = await connected(around.database_url)
    await listening.add_listener(ARRIVED, arrivals.note)

    async def read(request: Request) -> bytes:
        read = _READ.match(request.head)
        if read is None:
            return answer(400)
        await arrivals.of(read[2], int(read[3]))
        around.manner.carry(1)
        row = await sessions.fetchrow(statement, kind(read[1].decode()))
        return answer(200, row[0])

    await serve(around, guarded(read))
