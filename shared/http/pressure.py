"""What writing endpoints wait for, or are refused by, so that what was accepted is also passed on.

Every one of them has its session by `Writing`, `WritingOnce` or `AttemptingOnce`, which refuse at the bound of the
outbox. A batch endpoint asks for its turn before that, so that it holds nothing while it waits:

    async def put_employees(body: …, caller: Writer, _turn: BulkTurn, session: Writing, …) -> BatchAnswer:
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from starlette.responses import Response

from shared.http.batch import MOST_ROWS
from shared.http.errors import Unavailable
from shared.metrics import pressure as metrics
from shared.outbox.pacing import NoTurn, Pace
from shared.outbox.pressure import OutboxBound

MOST_BATCHES: Final = 16
"""That a process has in hand at once. Each of them holds its body while it waits for its turn."""

Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class WritesPaused(Unavailable):
    """What was written before cannot be passed on, and has reached the bound of what is kept for later."""

    code = "writes_paused"
    title_id = "Perubahan sementara belum dapat diterima"
    title_en = "Changes are not taken for the time being"
    retry_after = 30

    def __init__(self) -> None:
        super().__init__(
            "Perubahan yang sudah diterima aman, tetapi belum dapat diteruskan. Kirim ulang permintaan yang sama "
            "setelah Retry-After; membaca data tetap dapat dilakukan",
            "What was taken before is safe, but cannot be passed on yet. Send the same request again after "
            "Retry-After; reading goes on meanwhile",
        )


class NoBulkTurn(Unavailable):
    """Batches wait until what came before them is passed on: this one has waited long enough, or too many do."""

    code = "no_bulk_turn"
    title_id = "Kiriman massal harus menunggu giliran"
    title_en = "Bulk has to wait for its turn"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__(
            "Kiriman sebelumnya masih diolah; tidak ada baris yang diterima. Kirim ulang batch yang sama setelah "
            "Retry-After; kiriman tunggal tidak perlu menunggu",
            "What was sent before is still being worked on; no row was taken. Send the same batch again after "
            "Retry-After; single writes need not wait",
        )


async def refuse_at_the_bound(request: Request) -> None:
    """Raises WritesPaused while the outbox is at its bound."""
    bound: OutboxBound = request.app.state.outbox_bound
    if await bound.reached():
        metrics.WRITES_REFUSED.inc()
        raise WritesPaused


async def _bulk_turn(request: Request) -> AsyncIterator[None]:
    pace: Pace = request.app.state.pace
    try:
        async with pace.turn(MOST_ROWS):
            yield
    except NoTurn:
        metrics.BULK_REFUSED.inc()
        raise NoBulkTurn from None


def waits_for_turn(endpoint: Dependant) -> bool:
    """Whether it asks for a `BulkTurn`."""
    return any(below.call is _bulk_turn for below in endpoint.dependencies)


def one_of_few(handle: Handle) -> Handle:
    """The same with few requests in hand. Raises NoBulkTurn, before anything of one more is read."""

    async def handle_one_of_few(request: Request) -> Response:
        in_hand: asyncio.Semaphore = request.app.state.batches
        if in_hand.locked():
            metrics.BULK_REFUSED.inc()
            raise NoBulkTurn
        async with in_hand:
            return await handle(request)

    return handle_one_of_few


BulkTurn = Annotated[None, Depends(_bulk_turn, scope="function")]
"""Ends after the transaction of a `Writing` that stands behind it has committed. Raises NoBulkTurn."""
