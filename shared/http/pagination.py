"""Keyset pages. The cursor is opaque and signed: it holds the sort key of the last row, and which list it is of.

@router.get("/v1/employees")
async def list_employees(region: RegionCode, paging: Paging, session: Reading) -> Page[EmployeeOut]:
    after = paging.after                              # None, or the key of the last row seen, e.g. ["1987…"]
    rows = await list_employees_of(session, region, after, paging.fetch)      # one more than the page holds
    return paging.page(rows, key=lambda row: [row.nip])
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from shared.http.errors import Problem

T = TypeVar("T")
KeyPart = str | int | None
DEFAULT_LIMIT: Final = 100
MOST_ITEMS: Final = 1000
_SIGNATURE_BYTES: Final = 16
_LONGEST_CURSOR: Final = 1024


class InvalidCursor(Problem):
    """The cursor was altered, or belongs to another list."""

    status = 400
    code = "invalid_cursor"
    title_id = "Penanda halaman (after) tidak sah untuk daftar ini"
    title_en = "The page cursor (after) is not valid for this list"


class Page(BaseModel, Generic[T]):
    """One page. `next` is the value of `after` for the page that follows, null on the last."""

    items: list[T]
    next: str | None = Field(default=None, examples=["WyIxOTg3Il0.4Zk2cQ1V0m8d9xYtq7uGfA"])


class CursorSigner:
    """Makes and reads cursors. `key` is the same in all replicas, else a page would end with its server."""

    def __init__(self, key: str) -> None:
        self._key = hashlib.sha256(b"talenta.cursor\0" + key.encode()).digest()

    def sign(self, listing: str, key: Sequence[KeyPart]) -> str:
        payload = json.dumps(list(key), ensure_ascii=False, separators=(",", ":")).encode()
        return f"{_encode(payload)}.{_encode(self._signature(listing, payload))}"

    def read(self, listing: str, cursor: str) -> list[Any]:
        """The key that was signed for this listing. Raises InvalidCursor."""
        head, _, tail = cursor.partition(".")
        try:
            payload, signature = _decode(head), _decode(tail)
        except (binascii.Error, ValueError):
            raise InvalidCursor from None
        if not hmac.compare_digest(signature, self._signature(listing, payload)):
            raise InvalidCursor
        key: list[Any] = json.loads(payload)
        return key

    def _signature(self, listing: str, payload: bytes) -> bytes:
        message = listing.encode() + b"\0" + payload
        return hmac.digest(self._key, message, "sha256")[:_SIGNATURE_BYTES]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _encode(data) != text:
        raise ValueError("bits behind the last byte are set: another text of the same bytes")
    return data


class PageRequest:
    """Which page was asked for, and how to answer it."""

    def __init__(self, request: Request, response: Response, limit: int, cursor: str | None) -> None:
        self.limit = limit
        self._request = request
        self._response = response
        self._signer: CursorSigner = request.app.state.cursors
        self._filters = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
        # A page may be of another size than the one before: everything else that was asked for is the list.
        chosen = sorted(item for item in self._filters if item[0] != "limit")
        self._listing = f"{request.url.path}?{urlencode(chosen)}"
        self.after = None if cursor is None else self._signer.read(self._listing, cursor)

    @property
    def fetch(self) -> int:
        """Rows to read: one more than the page holds tells whether another follows."""
        return self.limit + 1

    def page(self, rows: Sequence[T], key: Callable[[T], Sequence[KeyPart]]) -> Page[T]:
        """The page of up to `fetch` rows; names the next in the body and as `Link: …; rel="next"` (RFC 8288)."""
        items = list(rows[: self.limit])
        if len(rows) <= self.limit:
            return Page(items=items)
        cursor = self._signer.sign(self._listing, key(items[-1]))
        address = f"{self._request.url.path}?{urlencode([*self._filters, ('after', cursor)])}"
        self._response.headers["Link"] = f'<{address}>; rel="next"'
        return Page(items=items, next=cursor)


async def _page_request(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="Items a page.")] = DEFAULT_LIMIT,
    after: Annotated[
        str | None,
        Query(max_length=_LONGEST_CURSOR, description="`next` of the page before; opaque."),
    ] = None,
) -> PageRequest:
    return PageRequest(request, response, limit, after)


Paging = Annotated[PageRequest, Depends(_page_request)]
