"""What is known of a request before anything is read from it: its id, its trace, when it was accepted."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Request

from shared.asn.nip import IN_TEXT
from shared.events.envelope import Cause
from shared.http.language import Language, preferred

_KEY: Final = "talenta"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._\-]{8,128}")
_TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?"
)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """`accepted_at` is the origin time of every event that the request causes."""

    request_id: str
    traceparent: str
    accepted_at: datetime
    accept_language: str

    @property
    def trace_id(self) -> str:
        return self.traceparent[3:35]

    @property
    def language(self) -> Language:
        return preferred(self.accept_language)


def accept(headers: dict[bytes, bytes]) -> RequestContext:
    """Take over what the caller sent where it is well-formed, make the rest."""
    return RequestContext(
        request_id=_request_id(headers.get(b"x-request-id", b"").decode("latin-1")),
        traceparent=_traceparent(headers.get(b"traceparent", b"").decode("latin-1")),
        accepted_at=datetime.now(UTC),
        accept_language=headers.get(b"accept-language", b"").decode("latin-1"),
    )


def _request_id(sent: str) -> str:
    # A NIP makes no request id: the id is logged, and answered.
    return sent if _REQUEST_ID.fullmatch(sent) and not IN_TEXT.search(sent) else secrets.token_hex(16)


def _traceparent(sent: str) -> str:
    """The caller's trace with a span of our own (W3C Trace Context), or a new trace."""
    found = _TRACEPARENT.fullmatch(sent)
    trace_id, flags = found.group(1, 2) if found else (secrets.token_hex(16), "01")
    return f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"


def attach(scope: Any, context: RequestContext) -> None:
    """Give the context to everything further in."""
    scope[_KEY] = context


def context_of(request: Request) -> RequestContext:
    """The context of `request`."""
    context: RequestContext = request.scope[_KEY]
    return context


async def _cause(request: Request) -> Cause:
    context = context_of(request)
    return Cause(origin_time=context.accepted_at, traceparent=context.traceparent)


async def _language(request: Request) -> Language:
    return context_of(request).language


RequestCause = Annotated[Cause, Depends(_cause)]
"""When the request was accepted, and its trace. The service adds what changed: `replace(cause, causes=…)`."""
RequestLanguage = Annotated[Language, Depends(_language)]
"""The language of the answer, for messages inside of it."""
