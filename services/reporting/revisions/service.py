"""Answers that all callers share are kept as bytes, and every caller gets that of the revision as it is now.

Nobody is answered from a revision that was looked up before he asked: so no answer is older than its request, and
who has waited for his own write (`Talenta-After`) finds it. But one look serves all who came while the one before
was under way, so that the database is asked some hundred times a second, however many read.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.kept import KeptConnections
from shared.db.session import Database, driver_of
from shared.http.session import connections_of
from shared.waiting import set_within

_NUMBER: Final = "SELECT number FROM derived.revision"
_LINGER_SECONDS: Final = 1.0
"""The connection is kept so long for the next who asks: to take one costs more than to look."""


class Answer(NamedTuple):
    """A rendered answer, and the revision that it was read from."""

    revision: int
    body: bytes


Render = Callable[[AsyncSession], Awaitable[Answer]]
"""Reads and renders one answer. What it raises is raised for the caller, and not kept."""


class LatestRevision:
    """The number of the revision, for any number of callers."""

    def __init__(self, database: Database | KeptConnections) -> None:
        self._database = database
        self._waiting: list[asyncio.Future[int]] = []
        self._asked = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    async def number(self) -> int:
        """As it is now, or becomes before this returns."""
        mine: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        self._asked.set()
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="latest-revision")
        return await mine

    async def _look(self) -> None:
        """Until nobody has asked for a while. Each look serves those who asked before it began."""
        asked: list[asyncio.Future[int]] = []
        try:
            async with self._database.reading() as session:
                driver = await driver_of(session)
                while await self._somebody_asks():
                    if driver.is_closed():
                        self._looking = asyncio.create_task(self._look(), name="latest-revision")
                        return
                    asked, self._waiting = self._waiting, []
                    number: int = await driver.fetchval(_NUMBER)
                    for one in asked:
                        if not one.done():
                            one.set_result(number)
                # Before the connection is given back: who comes meanwhile begins anew.
                self._looking = None
        except Exception as error:  # noqa: BLE001 - handed to all who wait; the next who comes begins anew
            self._looking = None
            asked += self._waiting
            self._waiting = []
            for one in asked:
                if not one.done():
                    one.set_exception(error)

    async def _somebody_asks(self) -> bool:
        """Now, or within the time that the connection is kept."""
        self._asked.clear()
        return bool(self._waiting) or await set_within(self._asked, _LINGER_SECONDS)


class Answers:
    """The answers of one process by name, each rendered again when it is asked for in a later revision."""

    def __init__(self, database: Database | KeptConnections) -> None:
        self._database = database
        self._latest = LatestRevision(database)
        self._rendered: dict[str, Answer] = {}
        self._rendering = asyncio.Lock()

    async def get(self, name: str, render: Render) -> Answer:
        """The answer of this name as it is now."""
        revision = await self._latest.number()
        known = self._rendered.get(name)
        if known is not None and known.revision == revision:
            return known
        async with self._rendering:
            answer = self._rendered.get(name)
            # Not so where somebody else has rendered it meanwhile, late enough for this caller.
            if answer is None or answer is known or answer.revision < revision:
                async with self._database.reading() as session:
                    answer = self._rendered[name] = await render(session)
            return answer


def answers_of(request: Request) -> Answers:
    """Those of the process that serves this request."""
    state = request.app.state
    if not hasattr(state, "answers"):
        state.answers = Answers(connections_of(request))
    answers: Answers = state.answers
    return answers
