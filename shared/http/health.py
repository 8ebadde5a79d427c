"""Is this process alive, and may it be given work? `/livez` asks nothing outside of it, `/readyz` does.

What runs in a process registers itself: a loop that may stall with `watch`, something that work depends on with
`depend_on`, trouble in which work goes on all the same, at least reading, with `tell`. One process has one
`Health`, also where it serves an API and runs a worker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from shared.auth.access import PUBLIC
from shared.db.session import Database

LiveCheck = Callable[[], str | None]
"""Why a loop counts as stalled, or None."""
ReadyCheck = Callable[[], Awaitable[str | None]]
"""Why no work should come, or what is wrong besides; or None."""
_OK: Final = "ok"


class Report(BaseModel):
    """`checks` says `ok` or why not, by name; `status` is `ok`, `degraded` or `failing`, the last with 503."""

    status: str = Field(examples=["ok"])
    checks: dict[str, str] = Field(examples=[{"database": "ok"}])


class Health:
    """The checks of one process, by name; the last registered of a name counts.

    One that depends on something outside has `patience` seconds to answer; what it said holds for `kept` seconds.
    """

    def __init__(self, *, patience: float = 2.0, kept: float = 1.0) -> None:
        self._patience = patience
        self._kept = kept
        self._live: dict[str, LiveCheck] = {}
        self._ready: dict[str, ReadyCheck] = {}
        self._told: dict[str, ReadyCheck] = {}
        self._asking: asyncio.Task[tuple[dict[str, str], dict[str, str]]] | None = None
        self._asked_at = 0.0

    def watch(self, name: str, check: LiveCheck) -> None:
        """Restart this process when `check` gives a reason."""
        self._live[name] = check

    def depend_on(self, name: str, check: ReadyCheck) -> None:
        """Send this process no work while `check` gives a reason."""
        self._ready[name] = check

    def tell(self, name: str, check: ReadyCheck) -> None:
        """Say so while `check` gives a reason, and go on sending work: it would not be better off elsewhere."""
        self._told[name] = check

    def live(self) -> dict[str, str]:
        return {name: check() or _OK for name, check in self._live.items()}

    async def ready(self) -> tuple[dict[str, str], dict[str, str]]:
        """What work depends on, and what else should be known.

        Asked once at a time, however many want to know: anybody may, and each check opens something.
        """
        if self._asking is None or (self._asking.done() and monotonic() - self._asked_at >= self._kept):
            self._asking = asyncio.create_task(self._ask(), name="readiness")
        # Not ended with a caller who goes away: others wait for it.
        return await asyncio.shield(self._asking)

    async def _ask(self) -> tuple[dict[str, str], dict[str, str]]:
        checks = await asyncio.gather(self._all(self._ready), self._all(self._told))
        self._asked_at = monotonic()
        return checks

    async def _all(self, checks: Mapping[str, ReadyCheck]) -> dict[str, str]:
        """All at once, each with a time of its own: one that hangs must not hide the others."""
        reasons = await asyncio.gather(*(self._bounded(check) for check in checks.values()))
        return {name: reason or _OK for name, reason in zip(checks, reasons, strict=True)}

    async def _bounded(self, check: ReadyCheck) -> str | None:
        try:
            async with asyncio.timeout(self._patience):
                return await check()
        except TimeoutError:
            return "no answer"
        except Exception as error:  # noqa: BLE001 - whatever a check raises is its answer
            return type(error).__name__


def database_check(database: Database) -> ReadyCheck:
    """The database takes a statement."""

    async def check() -> str | None:
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        return None

    return check


def _report(needed: dict[str, str], told: dict[str, str] | None = None) -> Response:
    checks = needed | (told or {})
    if not _all_good(needed):
        status, code = "failing", 503
    else:
        status, code = _OK if _all_good(checks) else "degraded", 200
    return JSONResponse(
        Report(status=status, checks=checks).model_dump(), code, headers={"Cache-Control": "no-store"}
    )


def _all_good(checks: dict[str, str]) -> bool:
    return all(reason == _OK for reason in checks.values())


def _health_of(request: Request) -> Health:
    health: Health = request.app.state.health
    return health


router: Final = APIRouter(include_in_schema=False, dependencies=[PUBLIC])


@router.get("/livez")
async def livez(request: Request) -> Response:
    """503 when a loop of this process has stalled."""
    return _report(_health_of(request).live())


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """503 when something is away that work depends on; the body says what and why, and what else is wrong."""
    needed, told = await _health_of(request).ready()
    return _report(needed, told)


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus text format."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


def create_health_app(health: Health) -> FastAPI:
    """What a worker serves on its own port."""
    app = FastAPI(openapi_url=None)
    app.state.health = health
    app.include_router(router)
    return app
