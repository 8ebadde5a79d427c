"""The merit board over HTTP."""

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.queries import read_board
from services.reporting.boards.rules import policy_in_force
from services.reporting.boards.schemas import MeritBoard
from services.reporting.revisions.service import Answer, answers_of
from shared.auth.access import PUBLIC
from shared.http.after import AfterToken
from shared.http.etag import Conditional

router = APIRouter(tags=["boards"])


@router.get("/v1/boards/merit", dependencies=[PUBLIC], response_model=MeritBoard)
async def get_merit_board(request: Request, _after: AfterToken, fresh: Conditional) -> Response:
    """The governments ranked by merit index; equal index, equal rank (1, 2, 2, 4). Rounded, nothing of few."""
    board = await answers_of(request).get("merit", _render)
    return fresh.whole(board.body, "merit", board.revision)


async def _render(session: AsyncSession) -> Answer:
    reading = await read_board(session)
    board = MeritBoard.of(reading.revision, policy_in_force(), reading.lines)
    return Answer(board.revision, board.model_dump_json().encode())
