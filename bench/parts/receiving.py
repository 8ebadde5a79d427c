"""`python -m bench.parts.receiving PORT`: takes batches of scores over HTTP and validates them, and nothing else.

uvicorn as the services run it and pydantic's core on the bytes as they came: no framework, token, session, or
answer for a row.
"""

import sys
from typing import Any, Final, Literal, NotRequired

import uvicorn
from pydantic import TypeAdapter
from typing_extensions import TypedDict


class Period(TypedDict):
    """A year."""

    kind: Literal["YEARLY", "QUARTERLY", "MONTHLY"]
    year: int
    number: NotRequired[int]


Rating = Literal["DI_ATAS_EKSPEKTASI", "SESUAI_EKSPEKTASI", "DI_BAWAH_EKSPEKTASI"]


class Score(TypedDict):
    """As in a batch."""

    nip: str
    period: Period
    hasil: NotRequired[Rating]
    perilaku: NotRequired[Rating]
    document: NotRequired[str]


class Scores(TypedDict):
    """A batch."""

    scores: list[Score]


_SCORES: Final = TypeAdapter(Scores)
_ANSWER: Final = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}


async def receive_scores(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application; `/readyz` has no body."""
    body, more = [], scope["type"] == "http"
    while more:
        message = await receive()
        body.append(message.get("body", b""))
        more = message.get("more_body", False)
    if content := b"".join(body):
        _SCORES.validate_json(content)
    await send(_ANSWER)
    await send({"type": "http.response.body"})


if __name__ == "__main__":
    uvicorn.run(
        receive_scores,
        port=int(sys.argv[1]),
        http="httptools",
        loop="uvloop",
        lifespan="off",
        log_level="warning",
        access_log=False,
    )
