"""Is this process alive, and may it be given work? `/livez` asks nothing outside of it, `/readyz` does.

What runs in a process registers itself: a loop that may stall with `watch`, something that work depends on with
`depend_on`. One process has one `Health`, also where it serves an API and runs a worker.
"""

import asyncio
from collections.abc import Awaitable, Callable
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
"""Why no work should come, or None."""


class Report(BaseModel):
    """`checks` says `ok` or why not, by name."""

    status: str = Field(examples=["ok"])
    checks: dict[str, str] = Field(examples=[{"database": "ok"}])


class Health:
    """The checks of one process, by name; the last registered of a name counts. One that depends on something

    outside has `patience` seconds to answer.
    """

    def __init__(self, *, patience: float = 2.0) -> None:
        self._patience = patience
        self._live: dict[str, LiveCheck] = {}
        self._ready: dict[str, ReadyCheck] = {}

    def watch(self, name: str, check: LiveCheck) -> None:
        """Restart this process when `check` gives a reason."""
        self._live[name] = check

    def depend_on(self, name: str, check: ReadyCheck) -> None:
        """Send this process no work while `check` gives a reason."""
        self._ready[name] = check

    def live(self) -> dict[str, str]:
        return {name: check() or "ok" for name, check in self._live.items()}

    async def ready(self) -> dict[str, str]:
        """All checks at once, each with a time of its own: one that hangs must not hide the others."""
        reasons = await asyncio.gather(*(self._bounded(check) for check in self._ready.values()))
        return {name: reason or "ok" for name, reason in zip(self._ready, reasons, strict=True)}

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


def _report(checks: dict[str, str]) -> Response:
    good = all(reason == "ok" for reason in checks.values())
    report = Report(status="ok" if good else "failing", checks=checks)
    return JSONResponse(report.model_dump(), 200 if good else 503, headers={"Cache-Control": "no-store"})


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
    """503 when something is away that work depends on; the body says what and why."""
    return _report(await _health_of(request).ready())


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
