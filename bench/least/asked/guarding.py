"""What surrounds a request: who asks, its line in the log, its metrics."""

import os
import re
from time import perf_counter
from typing import Final
from uuid import uuid4

import structlog

from bench.least.serving import Answering, Request, answer
from shared.auth.scopes import Scope
from shared.auth.tokens import TokenVerifier
from shared.logging import configure_logging
from shared.metrics.http import REQUEST_SECONDS, REQUESTS

_TOKEN: Final = re.compile(rb"\r\nAuthorization: Bearer ([^\r]+)")
_log: Final = structlog.get_logger("http")


def guarded(service: str, scope: Scope, answering: Answering) -> Answering:
    """The same for callers who have the scope."""
    configure_logging(service=service, role="api")
    verifier = TokenVerifier(
        jwks_url=os.environ["AUTH_JWKS_URL"],
        issuer=os.environ["AUTH_ISSUER"],
        audience=os.environ["AUTH_AUDIENCE"],
    )

    async def answer_all(request: Request) -> bytes:
        began = perf_counter()
        method, path, _ = request.head.split(b" ", 2)
        token = _TOKEN.search(request.head)
        caller = await verifier.caller(token[1].decode(), scope) if token else None
        answered = await answering(request._replace(caller=caller.subject)) if caller else answer(403)
        seconds, status, route = perf_counter() - began, answered[9:12].decode(), path.split(b"/")[2].decode()
        REQUESTS.labels(method.decode(), route, status).inc()
        REQUEST_SECONDS.labels(method.decode(), route).observe(seconds)
        _log.info(
            "request",
            request_id=str(uuid4()),
            method=method.decode(),
            path=path.decode(),
            route=route,
            status=int(status),
            ms=round(seconds * 1000, 2),
        )
        return answered

    return answer_all
