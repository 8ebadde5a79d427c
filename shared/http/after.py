"""Reading your own write. A write answers `Talenta-Token`; a read takes it back as `Talenta-After`.

A token is `<topic>/<key>@<version>`. With `Prefer: wait=2` a read waits up to two seconds until what it reads has
taken that version in, else it answers 202 with `Retry-After`. However many wait, one poller a process asks the
database: when somebody has come, when it is told that what is waited for has moved (`MOVED`), and twenty times a
second besides. Nobody asks while nobody waits.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, Response

from shared.auth.access import caller_of
from shared.db.moved import MOVED
from shared.db.session import Database, driver_of
from shared.http.errors import Overloaded, Problem
from shared.http.headers import reads_header
from shared.metrics.http import WAITING
from shared.waiting import set_within

TOKEN_HEADER: Final = "Talenta-Token"  # noqa: S105 - the name of a header
AFTER_HEADER: Final = "Talenta-After"
LONGEST_WAIT: Final = 10.0
_MOST_TOKENS: Final = 16
_MOST_WAITERS: Final = 512
_MOST_UNKNOWN_WAITERS: Final = 64
"""Of those, who came without a token: a public board must not be the way to keep everybody else from waiting."""
_UNTOLD_SECONDS: Final = 0.05
"""Without having been told the poller looks this often: who writes otherwise than the services do tells nobody."""
_LINGER_SECONDS: Final = 1.0
"""The poller keeps its connection so long for the next who waits: to take one costs more than to look."""
_TOKEN: Final = re.compile(r"([a-z_]{1,40}\.[a-z_]{1,40})/([A-Za-z0-9._-]{1,64})@([0-9]{1,18})")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", re.IGNORECASE)

Reached = Callable[[AsyncSession, Sequence[str]], Awaitable[Mapping[str, Mapping[str, int]]]]
"""How far a service's reads are: key → topic → version taken in. Keys that it does not know are left out."""


class InvalidAfterToken(Problem):
    """`Talenta-After` is no list of tokens."""

    status = 400
    code = "invalid_after_token"
    title_id = "Talenta-After tidak sah"
    title_en = "Talenta-After is not valid"


class Pending(Exception):
    """The version asked for has not arrived yet."""


def ids_among(keys: Sequence[str]) -> list[UUID]:
    """Those keys that are ids, for the `Reached` of a service whose aggregates have ids; others are left out."""
    return [UUID(key) for key in keys if _ID.fullmatch(key)]


def token_of(topic: str, key: UUID | str, version: int) -> str:
    """The token of a write, for the header `Talenta-Token`."""
    return f"{topic}/{key}@{version}"


TOKEN_SENT: Final[dict[str, Any]] = {
    "headers": {
        TOKEN_HEADER: {
            "description": "Where it took effect: send it back as Talenta-After to read what it led to",
            "schema": {"type": "string", "examples": ["profile.employees/0198c0de-0000-7000-8000-000000000001@1"]},
        },
    },
}
"""In `responses=` of a route: this answer carries `Talenta-Token`."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a read must have taken in."""

    topic: str
    key: str
    version: int

    def reached_in(self, reached: Mapping[str, Mapping[str, int]]) -> bool:
        return reached.get(self.key, {}).get(self.topic, -1) >= self.version


def parse_tokens(header: str) -> tuple[Token, ...]:
    """Tokens separated by commas, at most 16. Raises InvalidAfterToken."""
    parts = [part.strip() for part in header.split(",")]
    found = [_TOKEN.fullmatch(part) for part in parts[: _MOST_TOKENS + 1]]
    if len(parts) > _MOST_TOKENS or not all(found):
        raise InvalidAfterToken
    return tuple(Token(match[1], match[2], int(match[3])) for match in found if match)


def parse_wait(prefer: str) -> float:
    """Seconds of `Prefer: wait=N` (RFC 7240), at most ten; 0 without."""
    found = _WAIT.search(prefer)
    return min(float(found[1]), LONGEST_WAIT) if found else 0.0


@dataclass(eq=False, slots=True)
class _Waiter:
    tokens: tuple[Token, ...]
    known: bool
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class AfterWaiter:
    """All who wait in this process, and the one poller that asks for them."""

    def __init__(self, database: Database, reached: Reached) -> None:
        self._database = database
        self._reached = reached
        self._waiters: set[_Waiter] = set()
        self._arrived = asyncio.Event()
        self._due = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None

    async def wait(self, tokens: tuple[Token, ...], seconds: float, *, known: bool = True) -> bool:
        """True as soon as all tokens are reached, False after `seconds`. Raises Overloaded.

        `known` says whether the caller showed a token; fewer of those without may wait at a time.
        """
        if not seconds:
            return await self._reached_now(tokens)
        unknown = sum(not waiter.known for waiter in self._waiters)
        if len(self._waiters) >= _MOST_WAITERS or (not known and unknown >= _MOST_UNKNOWN_WAITERS):
            raise Overloaded
        waiter = _Waiter(tokens, known)
        self._waiters.add(waiter)
        self._arrived.set()
        self._due.set()
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="after-poller")
        WAITING.inc()
        try:
            async with asyncio.timeout(seconds):
                await waiter.done
        except TimeoutError:
            return False
        finally:
            WAITING.dec()
            self._waiters.discard(waiter)
        return True

    async def close(self) -> None:
        """Nobody is served any more."""
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    async def _reached_now(self, tokens: tuple[Token, ...]) -> bool:
        async with self._database.reading() as session:
            reached = await self._reached(session, list({token.key for token in tokens}))
        return all(token.reached_in(reached) for token in tokens)

    async def _poll(self) -> None:
        try:
            async with self._database.reading() as session:
                driver = await driver_of(session)
                async with self._told(driver):
                    while await self._somebody_waits():
                        if driver.is_closed():
                            self._poller = asyncio.create_task(self._poll(), name="after-poller")
                            return
                        self._due.clear()
                        await self._look(session)
                        if self._waiters:
                            await set_within(self._due, _UNTOLD_SECONDS)
                    # Before the connection is given back: whoever comes meanwhile starts a poller of his own.
                    self._poller = None
        except Exception as error:  # noqa: BLE001 - handed to all who wait; the next who comes starts anew
            self._poller = None
            for waiter in self._waiters:
                if not waiter.done.done():
                    waiter.done.set_exception(error)

    async def _somebody_waits(self) -> bool:
        """Now, or within the time that the connection is kept."""
        self._arrived.clear()
        return bool(self._waiters) or await set_within(self._arrived, _LINGER_SECONDS)

    @asynccontextmanager
    async def _told(self, driver: Any) -> AsyncIterator[None]:
        """While it listens on this connection."""

        def tell(_connection: object, _process: int, _channel: str, keys: str) -> None:
            # Who comes only later is looked for when he comes.
            if not keys or not self._awaited().isdisjoint(keys.split(",")):
                self._due.set()

        await driver.add_listener(MOVED, tell)
        try:
            yield
        finally:
            await driver.remove_listener(MOVED, tell)

    def _awaited(self) -> set[str]:
        return {token.key for waiter in self._waiters for token in waiter.tokens}

    async def _look(self, session: AsyncSession) -> None:
        waiters = tuple(self._waiters)
        reached = await self._reached(session, list(self._awaited()))
        for waiter in waiters:
            if not waiter.done.done() and all(token.reached_in(reached) for token in waiter.tokens):
                waiter.done.set_result(None)
                self._waiters.discard(waiter)


@reads_header(
    AFTER_HEADER,
    "Tokens of earlier writes, separated by commas: answer once they are taken in.",
    examples=["assessment.results/0198c0de-0000-7000-8000-000000000001@3"],
)
@reads_header("Prefer", "`wait=N`: seconds to wait for Talenta-After, at most 10.", examples=["wait=2"])
async def _after(request: Request) -> None:
    tokens = request.headers.get(AFTER_HEADER)
    if tokens is None:
        return
    waiter: AfterWaiter = request.app.state.after
    seconds = parse_wait(request.headers.get("Prefer", ""))
    if not await waiter.wait(parse_tokens(tokens), seconds, known=caller_of(request) is not None):
        raise Pending


AfterToken = Annotated[None, Depends(_after)]
"""Put it after `requires(…)` and before the session, which holds a connection: none is held here."""


async def on_pending(_request: Request, _pending: Pending) -> Response:
    """202: taken note of, ask again."""
    return JSONResponse({"status": "pending"}, 202, headers={"Retry-After": "1", "Cache-Control": "no-store"})
