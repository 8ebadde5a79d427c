"""Requests with a body: first who calls and whether there is room, then strict JSON (RFC 8259), then the schema.

router = APIRouter(route_class=BodyRoute)          # every router with a route that takes a body
"""

import json
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.auth.matrix import access_of
from shared.http.errors import MalformedJson, Problem, UnsupportedMediaType
from shared.http.pressure import Handle, one_of_few, waits_for_turn
from shared.http.validation import shown

_BODY: Final = "talenta.body"
MOST_MEMBERS: Final = 64
"""Of one object; several times what any schema has. Each unknown one would be told of."""


class BodyRoute(APIRoute):
    """Nothing of a body is read before the caller is known, and FastAPI gets it as `read_json` reads it."""

    def get_route_handler(self) -> Handle:
        handle = super().get_route_handler()
        if waits_for_turn(self.dependant):
            handle = one_of_few(handle)
        access = access_of(self.dependant)

        async def handle_strictly(request: Request) -> Response:
            if access is not None:
                await access(request)
            if request.headers.get("content-encoding", "identity").lower() != "identity":
                raise UnsupportedMediaType(headers={"Accept-Encoding": "identity"})
            try:
                return await handle(_StrictRequest(request.scope, request.receive))
            except HTTPException as error:
                # FastAPI puts one of its own over whatever the reading of a body raises.
                if isinstance(error.__cause__, Problem):
                    raise error.__cause__ from None
                raise

        return handle_strictly


class _StrictRequest(Request):
    async def body(self) -> bytes:
        """Kept for whoever handles the request once more: it comes only once.

        The bytes are, and not this object, which holds the scope: in a circle, all that belongs to a request would
        be left to the cycle collector, which stops a service for 40 ms once it has the remains of 800 scores.
        """
        kept: bytes | None = self.scope.get(_BODY)
        if kept is None:
            kept = self.scope[_BODY] = await super().body()
        return kept

    async def json(self) -> Any:
        return read_json(await self.body())


def read_json(body: bytes) -> Any:
    """The value in `body`.

    Raises MalformedJson also for what the standard library lets pass: names given twice, NaN and Infinity, other
    encodings than UTF-8; and for what it answers with errors of other kinds.
    """
    try:
        return _DECODER.decode(body.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise MalformedJson(
            f"JSON tidak sah pada karakter ke-{error.pos}",
            f"The JSON is invalid at character {error.pos}",
        ) from None
    except UnicodeDecodeError as error:
        raise MalformedJson(
            f"Isi permintaan bukan UTF-8 pada bita ke-{error.start}",
            f"The body is not UTF-8 at byte {error.start}",
        ) from None
    except RecursionError:
        raise MalformedJson("JSON bersarang terlalu dalam", "The JSON is nested too deeply") from None
    except ValueError:
        raise MalformedJson(
            "JSON memuat bilangan yang terlalu panjang", "A number in the JSON is too long"
        ) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_MEMBERS:
        raise MalformedJson(
            f"Satu objek memuat lebih dari {MOST_MEMBERS} anggota",
            f"An object has more than {MOST_MEMBERS} members",
        )
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = shown(next(name for name in names if names.count(name) > 1))
        raise MalformedJson(f"“{twice}” ada dua kali dalam satu objek", f"“{twice}” stands twice in one object")
    return members


def _no_number(name: str) -> Any:
    raise MalformedJson(f"{name} bukan bilangan JSON", f"{name} is no number of JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_number)
