"""`Idempotency-Key`: the same request sent twice, for want of an answer, changes things once.

The answer is stored in the transaction of the change, so that there is never one without the other. The key is the
caller's own; with another body it is refused, and while the first request is still running too.

    router = APIRouter(route_class=IdempotentRoute)

    @router.post("/v1/performance-scores")
    async def post_performance_score(
        body: PerformanceScoreBody, caller: Annotated[Caller, requires(…)], session: AttemptingOnce, …
    ) -> ReceiptAnswer:
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from shared.auth.access import caller_of
from shared.db.session import Database, driver_of
from shared.http.body import BodyRoute
from shared.http.errors import Problem
from shared.http.headers import reads_header
from shared.http.session import attempting, give_back, writing
from shared.outbox.append import Overtaken, Write, append_at_once, append_held_back, hold_back, is_attempt

KEY_HEADER: Final = "Idempotency-Key"
KEPT: Final = "24 hours"
_CLAIM: Final = "talenta.idempotency"
_OVERTAKEN: Final = "talenta.overtaken"
_KEY: Final = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')
_UNSTORED: Final = frozenset({"content-length", "date", "x-request-id"})
_CLEANED_AT_ONCE: Final = 1000


class InvalidKey(Problem):
    """The key is empty, too long or not printable."""

    status = 400
    code = "invalid_idempotency_key"
    title_id = "Idempotency-Key harus 1 sampai 255 karakter ASCII tanpa spasi"
    title_en = "Idempotency-Key must be 1 to 255 ASCII characters without blanks"


class KeyInFlight(Problem):
    """The first request with this key has not been answered yet."""

    status = 409
    code = "idempotency_key_in_flight"
    title_id = "Permintaan pertama dengan Idempotency-Key ini masih diproses"
    title_en = "The first request with this Idempotency-Key is still being worked on"


class KeyReused(Problem):
    """The key came before, with another request."""

    status = 422
    code = "idempotency_key_reused"
    title_id = "Idempotency-Key ini sudah dipakai untuk permintaan lain"
    title_en = "This Idempotency-Key was used for another request"


class Replay(Exception):
    """The request was done before; this is what was answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


@dataclass(frozen=True, slots=True)
class _Claim:
    session: AsyncSession
    caller: str
    key: str
    fingerprint: bytes

    async def take(self) -> None:
        """Raises KeyInFlight, KeyReused or Replay; else the request is ours to do."""
        stored = await (await driver_of(self.session)).fetchrow(_TAKE, self.caller, self.key)
        if not stored["taken"]:
            raise _in_flight()
        if stored["fingerprint"] is not None:
            if stored["fingerprint"] != self.fingerprint:
                raise KeyReused
            raise Replay(stored["status"], stored["headers"], stored["body"])
        hold_back(self.session)

    async def keep(self, response: Response) -> None:
        """Write what the endpoint publishes, and store a success beside it.

        A failure changed nothing, so that the request may be sent again.

        Raises KeyInFlight where another request with the key was answered after `take` had begun to look; in an
        attempt, which did not look, Overtaken.
        """
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            await append_held_back(self.session)
            return
        headers = {name: value for name, value in response.headers.items() if name not in _UNSTORED}
        answer = (response.status_code, json.dumps(headers), bytes(response.body))
        kept = (self.caller, self.key, self.fingerprint, *answer)
        if is_attempt(self.session):
            await append_at_once(self.session, Write(_KEEP_UNSEEN, kept))
        elif not await append_held_back(self.session, Write(_KEEP, kept)):
            raise _in_flight()


def _in_flight() -> KeyInFlight:
    return KeyInFlight(headers={"Retry-After": "1"})


_LOCK: Final = "pg_try_advisory_xact_lock(hashtextextended($1 || E'\\n' || $2, 0))"
# The lock may be had just after the one before committed, and what that stored not be seen: `_KEEP` finds it then.
_TAKE: Final = f"""
    SELECT {_LOCK} AS taken,
        fingerprint, status, headers, body
    FROM (VALUES ($1, $2)) AS asked (caller, key)
    LEFT JOIN source.idempotency_key AS stored
        ON stored.caller = $1 AND stored.key = $2 AND stored.created_at > now() - interval '{KEPT}'
"""
_KEEP: Final = f"""
    INSERT INTO source.idempotency_key (caller, key, fingerprint, status, headers, body)
    VALUES ($1, $2, $3, $4, $5::text::jsonb, $6)
    ON CONFLICT (caller, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
        headers = excluded.headers, body = excluded.body, created_at = clock_timestamp()
        WHERE idempotency_key.created_at <= now() - interval '{KEPT}'
    RETURNING 1
"""
# Of a key that was not taken before: an error where somebody has taken it, or it is stored, expired or not. The
# primary key would find that too, and tell the server's log which it is.
_KEEP_UNSEEN: Final = f"""
    INSERT INTO source.idempotency_key (caller, key, fingerprint, status, headers, body)
    SELECT $1, $2, $3, $4, $5::text::jsonb, $6
    WHERE 1 / ({_LOCK} AND NOT EXISTS (
        SELECT FROM source.idempotency_key AS stored WHERE stored.caller = $1 AND stored.key = $2
    ))::int = 1
"""
_CLEAN: Final = f"""
    DELETE FROM source.idempotency_key WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM source.idempotency_key WHERE created_at <= now() - interval '{KEPT}' LIMIT $1
    ))
    RETURNING 1
"""


_reads_key = reads_header(
    KEY_HEADER, "Made by you, once for each change; kept for 24 hours.", examples=["8e03978e-40d5-43dd"]
)


@_reads_key
async def _writing_once(request: Request) -> AsyncSession:
    session = await writing(request)
    claim = await _claim(request, session)
    if claim is not None:
        await claim.take()
    return session


@_reads_key
async def _attempting_once(request: Request) -> AsyncSession:
    if KEY_HEADER not in request.headers or _OVERTAKEN in request.scope:
        return await _writing_once(request)
    session = await attempting(request)
    await _claim(request, session)
    return session


async def _claim(request: Request, session: AsyncSession) -> _Claim | None:
    """The claim that `IdempotentRoute` keeps in the end; None without a key. Raises InvalidKey."""
    caller = caller_of(request)
    if caller is None or not isinstance(request.scope["route"], IdempotentRoute):
        raise TypeError(
            "`requires(…)` stands before a session of once, and route_class=IdempotentRoute on the router"
        )
    idempotency_key = request.headers.get(KEY_HEADER)
    if idempotency_key is None:
        return None
    found = _KEY.fullmatch(idempotency_key)
    if found is None:
        raise InvalidKey
    claim = request.scope[_CLAIM] = _Claim(session, caller.subject, found[1], await _fingerprint(request))
    return claim


async def _fingerprint(request: Request) -> bytes:
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    asked = f"{request.method} {path}?{query}\n".encode()
    return hashlib.sha256(asked + await request.body()).digest()


WritingOnce = Annotated[AsyncSession, Depends(_writing_once)]
"""As `Writing`, for the first request with its key. Raises InvalidKey, KeyInFlight, KeyReused and Replay."""
AttemptingOnce = Annotated[AsyncSession, Depends(_attempting_once)]
"""The same for an endpoint that can do without locks (`is_attempt`), and whose refusals hang on the request alone.

With a key it first runs in an attempt, which meets the key only when it writes; where that is overtaken, once more
as with `WritingOnce` (docs/decisions/0021).
"""


class IdempotentRoute(BodyRoute):
    """Stores the answer that leaves the endpoint while its transaction is still open."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_and_keep(request: Request) -> Response:
            response = await handle(request)
            claim: _Claim | None = request.scope.get(_CLAIM)
            if claim is not None:
                await claim.keep(response)
            return response

        async def handle_once(request: Request) -> Response:
            try:
                return await handle_and_keep(request)
            except Overtaken:
                await give_back(request)
                request.scope[_OVERTAKEN] = True
                return await handle_and_keep(request)

        return handle_once


async def on_replay(_request: Request, replay: Replay) -> Response:
    """The stored answer, marked as one."""
    return Response(replay.body, replay.status, {**replay.headers, "Idempotency-Replayed": "true"})


def clean_idempotency_keys(database: Database) -> Callable[[], Awaitable[bool]]:
    """The `run` of a job: deletes what expired, a bounded number at a time; True while there is more."""

    async def clean() -> bool:
        async with database.transaction() as session:
            deleted = await (await driver_of(session)).fetch(_CLEAN, _CLEANED_AT_ONCE)
        return len(deleted) == _CLEANED_AT_ONCE

    return clean
