"""Conditional reads (RFC 9110 §13): a strong ETag out of a revision, and 304 for who has that revision already.

@router.get("/v1/boards/merit", dependencies=[PUBLIC])
async def get_merit_board(fresh: Conditional, session: Reading) -> Board:
    fresh.check(etag_of("merit", await get_revision(session)))       # ends here with 304 when unchanged
"""

import hashlib
import re
from typing import Annotated, Final

from fastapi import Depends, Request, Response

from shared.http.headers import reads_header

_ENTITY_TAG: Final = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_REVALIDATE: Final = "no-cache"


class NotModified(Exception):
    """Nothing has changed since the ETag that the caller sent."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


def etag_of(*parts: str | int) -> str:
    """A strong ETag, quotes included. Give everything that the body depends on: revision, language, filters."""
    joined = "\0".join(map(str, parts))
    return f'"{hashlib.blake2b(joined.encode(), digest_size=12).hexdigest()}"'


def matches(if_none_match: str, etag: str) -> bool:
    """True when the list, or `*`, names `etag`. Compared weakly, as If-None-Match asks."""
    if if_none_match.strip() == "*":
        return True
    return etag[1:-1] in _ENTITY_TAG.findall(if_none_match)


class Freshness:
    """What the caller has, and the headers of what he gets."""

    def __init__(self, if_none_match: str | None, response: Response) -> None:
        self._if_none_match = if_none_match
        self._response = response

    def whole(self, etag: str, body: bytes) -> Response:
        """The answer out of JSON that is rendered already: with its ETag, or 304 when the caller has it."""
        headers = {"ETag": etag, "Cache-Control": _REVALIDATE}
        if self._has(etag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    def check(self, etag: str) -> None:
        """Put the ETag on the answer. Raises NotModified, answered with 304, when the caller has it."""
        if self._has(etag):
            raise NotModified(etag)
        self._response.headers["ETag"] = etag
        self._response.headers["Cache-Control"] = _REVALIDATE

    def _has(self, etag: str) -> bool:
        return self._if_none_match is not None and matches(self._if_none_match, etag)


@reads_header("If-None-Match", "ETag of what you have; 304 when it is current.")
async def _freshness(request: Request, response: Response) -> Freshness:
    return Freshness(request.headers.get("If-None-Match"), response)


Conditional = Annotated[Freshness, Depends(_freshness)]


async def on_not_modified(_request: Request, unchanged: NotModified) -> Response:
    """304, without a body, with the headers that 200 would have had."""
    return Response(status_code=304, headers={"ETag": unchanged.etag, "Cache-Control": _REVALIDATE})
