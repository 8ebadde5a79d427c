"""The outermost layer of every request, as pure ASGI: ids, bounds, the log line, metrics, and the last answer.

BaseHTTPMiddleware would run the request in a second task: slower, and blind to contextvars set further in.
"""

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Final

import structlog
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.asn.nip import mask_in
from shared.http.context import RequestContext, accept, attach
from shared.http.errors import ContentTooLarge, InternalError, Overloaded, Problem, TooSlow
from shared.http.failures import problem_for
from shared.http.handlers import answer
from shared.metrics.http import IN_FLIGHT, REQUEST_SECONDS, REQUESTS

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNMATCHED: Final = "unmatched"
_GONE: Final = 499
"""Logged for a caller who went away before his answer."""
_PROBES: Final = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked every few seconds by machines: never refused for lack of room, never logged."""
_LONGEST_PATH: Final = 256
"""Of what the log says of it."""

_log: Final = structlog.get_logger("http")


class RequestMiddleware:
    """Wraps an application. `largest_body` is in bytes, and has `body_seconds` to arrive."""

    def __init__(self, app: ASGIApp, *, largest_body: int, body_seconds: float, most_in_flight: int) -> None:
        self._app = app
        self._largest_body = largest_body
        self._body_seconds = body_seconds
        self._most_in_flight = most_in_flight
        self._in_flight = 0
        self._templates: dict[int, str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            # As GET (RFC 9110 §9.3.2); the server, which keeps the scope it made, sends no body.
            scope = {**scope, "method": "GET"}
        started_at = perf_counter()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        context = accept(headers)
        attach(scope, context)
        structlog.contextvars.bind_contextvars(request_id=context.request_id, trace_id=context.trace_id)
        exchange = _Exchange(context, receive, send, self._largest_body, self._body_seconds)
        self._in_flight += 1
        IN_FLIGHT.inc()
        try:
            await self._serve(scope, headers, exchange)
        finally:
            self._in_flight -= 1
            IN_FLIGHT.dec()
            self._report(scope, exchange, perf_counter() - started_at)

    async def _serve(self, scope: Scope, headers: dict[bytes, bytes], exchange: "_Exchange") -> None:
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await exchange.answer(refusal, scope)
            return
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception as error:
            problem = problem_for(error)
            if isinstance(problem, InternalError):
                _log.exception("request_failed")
            else:
                _log.warning("request_failed", problem=problem.code, reason=type(error).__name__)
            if exchange.status is not None:
                raise  # the answer has begun: only breaking it off tells the caller that it is not whole
            await exchange.answer(problem, scope)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> Problem | None:
        """Why this request is not even looked at."""
        if self._in_flight > self._most_in_flight and scope["path"] not in _PROBES:
            return Overloaded()
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._largest_body:
            return ContentTooLarge()
        return None

    def _report(self, scope: Scope, exchange: "_Exchange", seconds: float) -> None:
        status = _GONE if exchange.status is None else exchange.status
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = self._template_of(scope)
        REQUESTS.labels(method, route, str(status)).inc()
        REQUEST_SECONDS.labels(method, route).observe(seconds)
        if route not in _PROBES:
            path = mask_in(scope["path"])[:_LONGEST_PATH]  # masked before, for a NIP cut in two is none
            _log.info("request", method=method, path=path, route=route, status=status, ms=round(seconds * 1000, 2))

    def _template_of(self, scope: Scope) -> str:
        if self._templates is None:
            self._templates = _templates_of(scope["app"].routes)
        return self._templates.get(id(scope.get("route")), _UNMATCHED)


def _templates_of(routes: Sequence[BaseRoute]) -> dict[int, str]:
    """The whole template by the route's identity; routes of included routers alone know only their own part."""
    return {
        id(context.original_route): context.path_format or _UNMATCHED for context in iter_route_contexts(routes)
    }


class _Exchange:
    """One request and its answer as they pass by."""

    def __init__(
        self, context: RequestContext, receive: Receive, send: Send, largest_body: int, body_seconds: float
    ) -> None:
        self._context = context
        self._receive = receive
        self._send = send
        self._left = largest_body
        self._due: float | None = asyncio.get_running_loop().time() + body_seconds
        self.status: int | None = None

    async def receive(self) -> Message:
        """Bounded also where no length was announced, and in time until the body is whole."""
        # FastAPI lets an HTTPException pass while it reads the body, and hides every other.
        try:
            async with asyncio.timeout_at(self._due):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(TooSlow.status, headers={"Connection": "close"}) from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(ContentTooLarge.status)
        if not message.get("more_body", False):
            self._due = None
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message["headers"],
                (b"x-request-id", self._context.request_id.encode("latin-1")),
                (b"x-content-type-options", b"nosniff"),
            ]
        await self._send(message)

    async def answer(self, problem: Problem, scope: Scope) -> None:
        await answer(problem, self._context)(scope, self.receive, self.send)
