"""What surrounds a request: who asks, its line in the log, its metrics."""

import os
import re
from time import perf_counter
from typing import Final
from uuid import uuid4

import structlog

from bench.least.serving import Answering, Request, answer
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.auth.tokens import TokenVerifier
from shared.logging import configure_logging
from shared.metrics.http import REQUEST_SECONDS, REQUESTS

_TOKEN: Final = re.compile(rb"\r\nAuthorization: Bearer ([^\r]+)")
_log: Final = structlog.get_logger("http")


class Guard:
    """Of one service: lets those ask who have the scope, and tells of each request."""

    def __init__(self, service: str, scope: Scope) -> None:
        configure_logging(service=service, role="api")
        self._scope = scope
        self._verifier = TokenVerifier(
            jwks_url=os.environ["AUTH_JWKS_URL"],
            issuer=os.environ["AUTH_ISSUER"],
            audience=os.environ["AUTH_AUDIENCE"],
        )

    async def caller(self, token: str) -> Caller | None:
        """None where the token does not grant the scope. Raises NotAuthenticated."""
        return await self._verifier.caller(token, self._scope)

    @staticmethod
    def tell(method: str, path: str, route: str, status: int, began: float) -> None:
        """A line in the log and two metrics; `began` is of `perf_counter`."""
        seconds = perf_counter() - began
        REQUESTS.labels(method, route, str(status)).inc()
        REQUEST_SECONDS.labels(method, route).observe(seconds)
        request_id, ms = str(uuid4()), round(seconds * 1000, 2)
        _log.info("request", request_id=request_id, method=method, path=path, route=route, status=status, ms=ms)


def guarded(service: str, scope: Scope, answering: Answering) -> Answering:
    """The same for callers who have the scope."""
    guard = Guard(service, scope)

    async def answer_all(request: Request) -> bytes:
        began = perf_counter()
        method, path, _ = request.head.decode().split(" ", 2)
        token = _TOKEN.search(request.head)
        caller = await guard.caller(token[1].decode()) if token else None
        answered = await answering(request._replace(caller=caller.subject)) if caller else answer(403)
        guard.tell(method, path, path.split("/")[2], int(answered[9:12]), began)
        return answered

    return answer_all
