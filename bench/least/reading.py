"""What the processes that are read from do: an answer is one row, and waits for the version that was asked for."""

import asyncio
import re
from collections.abc import Callable
from typing import Any, Final, Self
from uuid import UUID

from bench.least.carrying import ARRIVED, Surroundings
from bench.least.manner import Manner
from bench.least.serving import Answering, Request, Sessions, answer, serve
from bench.least.tables import RANK, TALENT, connected

_LONGEST_WAIT: Final = 10.0
_READ: Final = re.compile(rb"GET /v1/[a-z]+/([^/ ]+).*Talenta-After: [^/]+/([^@]+)@(\d+)", re.DOTALL)


class _Arrivals:
    """What has arrived since the process was started, as the workers tell it: nobody looks for it."""

    def __init__(self, listening: Any) -> None:
        self._listening = listening
        """Nobody else keeps it, and it is closed with the last who does."""
        self._versions: dict[bytes, int] = {}
        self._awaited: dict[bytes, asyncio.Event] = {}

    @classmethod
    async def at(cls, database_url: str) -> Self:
        arrivals = cls(await connected(database_url))
        await arrivals._listening.add_listener(ARRIVED, arrivals._note)
        return arrivals

    def _note(self, _session: Any, _pid: int, _channel: str, words: str) -> None:
        for word in words.encode().split():
            key, _, version = word.partition(b"@")
            self._versions[key] = int(version)
            if awaited := self._awaited.pop(key, None):
                awaited.set()

    async def of(self, key: bytes, version: int) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(_LONGEST_WAIT):
            while self._versions.get(key, 0) < version:
                await self._awaited.setdefault(key, asyncio.Event()).wait()


async def show_talents(around: Surroundings) -> None:
    """The state of one person."""
    await show(around, TALENT, UUID)


async def show_ranks(around: Surroundings) -> None:
    """The rank of one region."""
    await show(around, RANK, str)


class Showing:
    """The one value of a statement, for a key that is its only parameter, once what is asked for has arrived."""

    def __init__(
        self, manner: Manner, sessions: Sessions, arrivals: _Arrivals, statement: str, kind: Callable[[str], Any]
    ) -> None:
        self._manner, self._sessions, self._arrivals = manner, sessions, arrivals
        self._statement, self._kind = statement, kind

    @classmethod
    async def of(cls, around: Surroundings, statement: str, kind: Callable[[str], Any]) -> Self:
        sessions, arrivals = await Sessions.of(around.database_url), await _Arrivals.at(around.database_url)
        return cls(around.manner, sessions, arrivals, statement, kind)

    async def read(self, key: str, awaited: bytes, version: int) -> bytes | None:
        """`awaited` is who should have that version at least. None where he has not in ten seconds."""
        try:
            await self._arrivals.of(awaited, version)
        except TimeoutError:
            return None
        self._manner.carry(1)
        shown: bytes = (await self._sessions.fetchrow(self._statement, self._kind(key)))[0]
        return shown


async def show(
    around: Surroundings,
    statement: str,
    kind: Callable[[str], Any],
    guarded: Callable[[Answering], Answering] = lambda answering: answering,
) -> None:
    """Serve it, with the key in the path."""
    showing = await Showing.of(around, statement, kind)

    async def read(request: Request) -> bytes:
        read = _READ.match(request.head)
        if read is None:
            return answer(400)
        shown = await showing.read(read[1].decode(), read[2], int(read[3]))
        return answer(202) if shown is None else answer(200, shown)

    await serve(around, guarded(read))
