"""A small service that uses everything of shared.http once, the way a slice does."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from fastapi import APIRouter, FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request

from shared.asn.golongan import Golongan
from shared.asn.nip import Nip
from shared.auth.access import PUBLIC, requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http.after import TOKEN_SENT, AfterToken
from shared.http.app import create_service_app
from shared.http.batch import BatchAnswer, Outcome, RowResult, Rows, rejected
from shared.http.context import RequestCause, RequestLanguage
from shared.http.errors import NotFound
from shared.http.etag import Conditional
from shared.http.idempotency import IdempotentRoute, WritingOnce
from shared.http.openapi import responses_of
from shared.http.pagination import Page, Paging
from shared.http.pressure import BulkTurn
from shared.http.session import Reading
from shared.settings import ServiceSettings

TABLES = (
    "CREATE TABLE source.thing (id integer CONSTRAINT uq_thing UNIQUE DEFERRABLE INITIALLY DEFERRED, name text)",
    "CREATE TABLE derived.seen (key text PRIMARY KEY, version bigint NOT NULL)",
)


class Settings(ServiceSettings):
    """Of the sample."""

    service: ClassVar[str] = "sample"
    port: int = 8001
    worker_port: int = 8101


class ThingNotFound(NotFound):
    """No such thing."""

    code = "thing_not_found"
    title_id = "Benda tidak ditemukan"
    title_en = "Thing not found"


class Thing(BaseModel):
    """One row."""

    model_config = ConfigDict(extra="forbid")

    nip: Nip
    value: Decimal = Field(ge=0, le=100, examples=[80])
    day: date | None = None
    golongan: Golongan | None = None


class ThingBatch(BaseModel):
    """Many rows."""

    model_config = ConfigDict(extra="forbid")

    things: Rows[Thing]


class NewThing(BaseModel):
    """What the writing route takes."""

    model_config = ConfigDict(extra="forbid")

    id: int
    name: str


router = APIRouter(route_class=IdempotentRoute, tags=["sample"])
Reader = Annotated[Caller, requires(Scope.PROFILE_READ)]
Writer = Annotated[Caller, requires(Scope.PROFILE_WRITE)]


@router.get("/v1/ping")
async def ping(caller: Reader) -> dict[str, str]:
    """Says who asks."""
    return {"subject": caller.subject}


@router.post("/v1/things", status_code=201, responses={201: TOKEN_SENT, **responses_of(ThingNotFound)})
async def post_thing(body: NewThing, caller: Writer, session: WritingOnce, cause: RequestCause) -> NewThing:
    """Writes one row."""
    connection = await session.connection()
    await connection.execute(
        text("INSERT INTO source.thing (id, name) VALUES (:id, :name)"),
        {"id": body.id, "name": body.name},
    )
    if body.name == "missing":
        raise ThingNotFound
    if body.name == "cut off":
        await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    replace(cause, causes=(f"thing/{body.id}",))
    return body


@router.post("/v1/things:batch")
async def post_things(body: ThingBatch, caller: Writer, language: RequestLanguage, _turn: BulkTurn) -> BatchAnswer:
    """Takes what is good."""
    taken = (RowResult(index=row.index, status=201, outcome=Outcome.CREATED) for row in body.things.accepted)
    refused = (rejected(row.index, row.problem(), language) for row in body.things.rejected)
    return BatchAnswer.of([*taken, *refused])


@router.get("/v1/numbers")
async def list_numbers(caller: Reader, paging: Paging, step: Annotated[int, Query(ge=1)] = 1) -> Page[int]:
    """A list of 25 numbers."""
    last: int = paging.after[0] if paging.after else 0
    return paging.page(list(range(last + step, 26, step))[: paging.fetch], key=lambda number: [number])


@router.get("/v1/board", dependencies=[PUBLIC])
async def get_board(fresh: Conditional) -> dict[str, int]:
    """Revision 7."""
    fresh.check("board", 7)
    return {"revision": 7}


@router.get("/v1/seen/{key}")
async def get_seen(key: str, caller: Reader, after: AfterToken, session: Reading) -> dict[str, int]:
    """What has arrived of a key."""
    versions = await reached(session, [key])
    if key not in versions:
        raise ThingNotFound
    return dict(versions[key])


@router.get("/v1/broken", dependencies=[PUBLIC])
async def get_broken() -> None:
    """A fault of ours."""
    raise ZeroDivisionError("the secret of 198703122010011001")


@router.get("/v1/slow", dependencies=[PUBLIC])
async def get_slow(request: Request) -> dict[str, str]:
    """Waits until the test lets it go."""
    release: asyncio.Event = request.app.state.release
    await release.wait()
    return {}


@router.get("/v1/late", dependencies=[PUBLIC])
async def get_late() -> dict[str, str]:
    """Takes a second."""
    await asyncio.sleep(1)
    return {}


async def reached(session: AsyncSession, keys: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """How far `derived.seen` is."""
    connection = await session.connection()
    rows = await connection.execute(
        text("SELECT key, version FROM derived.seen WHERE key = ANY(:keys)"),
        {"keys": list(keys)},
    )
    return {row.key: {"sample.things": row.version} for row in rows}


def create_app(settings: Settings) -> FastAPI:
    """The sample's application."""
    return create_service_app(
        settings,
        title="Sample",
        summary="Uses everything once.",
        routers=[router],
        reached=reached,
    )
