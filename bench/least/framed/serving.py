"""What surrounds the routes of an API: the application, who asks, the line in the log, and uvicorn."""

from time import perf_counter
from typing import Annotated, Any, Final

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response

from bench.least.asked.guarding import Guard
from bench.least.carrying import Surroundings
from bench.least.reading import Showing
from deploy.local.ports import LOOPBACK
from shared.auth.caller import Caller
from shared.auth.scopes import Scope

_TELLS_NOBODY: Final[Any] = {"tracing": False, "metrics": False, "logs": False}
"""As in the services: else FastAPI looks for each request whom it might tell."""
After = Annotated[str, Header(alias="Talenta-After", pattern=r"^[^/]+/[^@]+@\d+$")]
"""Who is waited for, and which version of him."""


async def shown_after(showing: Showing, key: str, after: str) -> Response:
    """The answer to a reader, for the key in his path."""
    who, _, version = after.partition("/")[2].partition("@")
    shown = await showing.read(key, who.encode(), int(version))
    return Response(shown, status_code=202 if shown is None else 200, media_type="application/json")


class Frame:
    """An application without routes, and who may ask it."""

    def __init__(self, around: Surroundings, service: str, scope: Scope) -> None:
        self._around = around
        self._guard = Guard(service, scope)
        self.app = FastAPI(openapi_url=None, telemetry=_TELLS_NOBODY)

    async def caller(self, authorization: Annotated[str, Header()]) -> Caller:
        """A dependency."""
        caller = await self._guard.caller(authorization.removeprefix("Bearer "))
        if caller is None:
            raise HTTPException(403)
        return caller

    @property
    def guarded(self) -> list[Any]:
        """Dependencies of a route that is for callers with the scope, whoever they are."""
        return [Depends(self.caller)]

    async def serve(self) -> None:
        """Until it is ended; what the bench asks for itself comes behind all other routes."""
        manner = self._around.manner

        @self.app.get("/readyz")
        async def ready() -> Response:
            return Response()

        @self.app.put("/manner/{burden}/{gathers}")
        async def be_told(request: Request) -> Response:
            return Response(status_code=200 if manner.told(f"PUT {request.url.path} ".encode()) else 400)

        config = uvicorn.Config(
            self._observed,
            interface="asgi3",
            host=LOOPBACK,
            port=self._around.port,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=30,
        )
        await uvicorn.Server(config).serve()

    async def _observed(self, scope: Any, receive: Any, send: Any) -> None:
        """The application, with a line in the log and metrics for each request."""
        began, status = perf_counter(), 0

        async def pass_on(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        await self.app(scope, receive, pass_on)
        route = scope["route"].path if "route" in scope else "unmatched"
        self._guard.tell(scope["method"], scope["path"], route, status, began)
