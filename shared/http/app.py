"""The application of a service. Everything that all four have in common is put together here."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.responses import HTMLResponse, JSONResponse, Response

from shared.auth.access import PUBLIC
from shared.auth.tokens import TokenVerifier
from shared.db.engine import Role, create_engine
from shared.db.kept import KeptConnections
from shared.db.session import Database
from shared.http import health
from shared.http.after import AfterWaiter, Pending, Reached, on_pending
from shared.http.context import RequestLanguage
from shared.http.errors import NotFound, every_problem
from shared.http.etag import NotModified, on_not_modified
from shared.http.handlers import add_handlers
from shared.http.idempotency import Replay, on_replay
from shared.http.middleware import RequestMiddleware
from shared.http.openapi import document_of
from shared.http.pagination import CursorSigner
from shared.http.pressure import MOST_BATCHES
from shared.kafka.reachable import broker_check
from shared.outbox.pacing import Pace
from shared.outbox.pressure import OutboxBound
from shared.outbox.signal import RelaySignal
from shared.settings import ServiceSettings

_DESCRIPTION: Final = (
    "Every error is a problem detail (RFC 9457) whose `type` is explained at its address. "
    "Messages are Indonesian, or English by `Accept-Language`. Times are RFC 3339 in UTC."
)

_UNTOLD: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False}
"""Else FastAPI sends addresses, and the NIPs in them, to whatever the environment names; each request asks."""


class ServiceApp(FastAPI):
    """FastAPI with our OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            self.openapi_schema = document_of(self)
        return self.openapi_schema


def create_service_app(
    settings: ServiceSettings,
    *,
    title: str,
    summary: str,
    routers: Sequence[APIRouter],
    reached: Reached | None = None,
    version: str = "0.1.0",
) -> FastAPI:
    """The whole application; it opens nothing before its start. A route with `AfterToken` needs `reached`."""
    app = ServiceApp(
        title=title,
        summary=summary,
        description=_DESCRIPTION,
        version=version,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=partial(_serving, settings, reached),
        telemetry=_UNTOLD,
    )
    app.state.health = health.Health()
    app.state.cursors = CursorSigner(settings.http_cursor_key)
    app.add_middleware(
        RequestMiddleware,
        largest_body=settings.http_largest_body,
        body_seconds=settings.http_body_seconds,
        most_in_flight=settings.http_most_in_flight,
    )
    add_handlers(app)
    app.exception_handler(Pending)(on_pending)
    app.exception_handler(NotModified)(on_not_modified)
    app.exception_handler(Replay)(on_replay)
    for router in (*routers, health.router, documents):
        _serve(app, router)
    return app


def _serve(app: FastAPI, router: APIRouter) -> None:
    """Take the routes as they are: `include_router` would look for each request in every router, and twice."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            # The endpoint's own name, so that generated clients read well. FastAPI warns of one that comes twice.
            route.unique_id = route.name
        app.router.routes.append(route)


@asynccontextmanager
async def _serving(settings: ServiceSettings, reached: Reached | None, app: FastAPI) -> AsyncIterator[None]:
    """What the routes of a running application find in `app.state`; closed in reverse order."""
    engine = create_engine(
        settings.database_url,
        service=settings.service,
        role=Role.API,
        pool_size=settings.database_pool_size,
        by_index=Role.API in settings.by_index,
    )
    database = app.state.database = Database(engine)
    # Half of the pool at most, so that whoever else looks into the database always finds some.
    connections = app.state.connections = KeptConnections(database, settings.database_pool_size // 2)
    tokens = app.state.tokens = TokenVerifier(
        jwks_url=settings.auth_jwks_url,
        issuer=settings.auth_issuer,
        audience=settings.auth_audience,
    )
    bound = app.state.outbox_bound = OutboxBound(
        database,
        longest_age=settings.outbox_longest_age,
        most_bytes=settings.outbox_most_bytes,
    )
    pace = app.state.pace = Pace.of(settings, database)
    app.state.batches = asyncio.Semaphore(MOST_BATCHES)
    app.state.health.depend_on("database", health.database_check(database))
    app.state.health.tell("outbox", bound.reached)
    app.state.health.tell("broker", broker_check(settings.kafka_bootstrap_servers))
    if reached is not None:
        app.state.after = AfterWaiter(database, reached)
    try:
        yield
    finally:
        if reached is not None:
            await app.state.after.close()
        await pace.close()
        await tokens.close()
        await RelaySignal.of(engine).close()
        await connections.release()
        await database.close()


documents: Final = APIRouter(include_in_schema=False, dependencies=[PUBLIC])


@documents.get("/openapi.json")
async def openapi_document(request: Request) -> Response:
    """The contract of this service."""
    return JSONResponse(request.app.openapi())


@documents.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """The contract to read and to try."""
    return get_swagger_ui_html(openapi_url="/openapi.json", title=request.app.title)


@documents.get("/problems/{code}")
async def explain_problem(code: str, language: RequestLanguage) -> Response:
    """What a problem's `type` means."""
    for problem in every_problem():
        if getattr(problem, "code", None) == code:
            explained = {
                "type": f"/problems/{code}",
                "code": code,
                "status": problem.status,
                "title": language.choose(problem.title_id, problem.title_en),
                "advice": language.choose(*problem.advice()),
            }
            return JSONResponse(explained, headers={"Content-Language": language.value, "Vary": "Accept-Language"})
    raise NotFound
