"""Conditional reads (RFC 9110 §13): a strong ETag out of a version, and 304 for who has that version already.

@router.get("/v1/talents/{employee_id}")
async def get_talent(employee_id: UUID, fresh: Conditional, session: Reading, …) -> TalentAnswer:
    result = await queries.find_result(session, employee_id, …)
    fresh.check("talent", str(employee_id), result["version"], …)    # ends here with 304 when unchanged
    return TalentAnswer.of(result)
"""

import hashlib
import re
from collections.abc import Sequence
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


def matches(if_none_match: str, etag: str) -> bool:
    """True when the list, or `*`, names `etag`. Compared weakly, as If-None-Match asks."""
    if if_none_match.strip() == "*":
        return True
    return etag[1:-1] in _ENTITY_TAG.findall(if_none_match)


class Freshness:
    """What the caller has, and the headers of what he gets.

    An ETag is made of all that the body depends on: version, language, filters. The release of the service is
    always among it, for another one may tell the same otherwise.
    """

    def __init__(self, if_none_match: str | None, release: str, response: Response) -> None:
        self._if_none_match = if_none_match
        self._release = release
        self._response = response

    def whole(self, body: bytes, *parts: str | int) -> Response:
        """The answer out of JSON that is rendered already: with its ETag, or 304 when the caller has it."""
        etag = self._etag_of(parts)
        headers = {"ETag": etag, "Cache-Control": _REVALIDATE}
        if self._has(etag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    def check(self, *parts: str | int) -> None:
        """Put the ETag on the answer. Raises NotModified, answered with 304, when the caller has it."""
        self.check_tag(self._etag_of(parts))

    def check_tag(self, etag: str) -> None:
        """The same for an ETag, quotes included, that has a meaning: a version that may be sent as `If-Match`."""
        if self._has(etag):
            raise NotModified(etag)
        self._response.headers["ETag"] = etag
        self._response.headers["Cache-Control"] = _REVALIDATE

    def _etag_of(self, parts: Sequence[str | int]) -> str:
        joined = "\0".join(map(str, (self._release, *parts)))
        return f'"{hashlib.blake2b(joined.encode(), digest_size=12).hexdigest()}"'

    def _has(self, etag: str) -> bool:
        return self._if_none_match is not None and matches(self._if_none_match, etag)


@reads_header("If-None-Match", "ETag of what you have; 304 when it is current.")
async def _freshness(request: Request, response: Response) -> Freshness:
    return Freshness(request.headers.get("If-None-Match"), request.app.version, response)


Conditional = Annotated[Freshness, Depends(_freshness)]


async def on_not_modified(_request: Request, unchanged: NotModified) -> Response:
    """304, without a body, with the headers that 200 would have had."""
    return Response(status_code=304, headers={"ETag": unchanged.etag, "Cache-Control": _REVALIDATE})
