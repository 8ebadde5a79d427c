"""The merit board over HTTP."""

from fastapi import APIRouter, Request, Response

from services.reporting import __version__
from services.reporting.boards import queries
from services.reporting.boards.rules import policy_in_force
from services.reporting.boards.schemas import MeritBoard
from shared.auth.access import PUBLIC
from shared.http.after import AfterToken
from shared.http.etag import Conditional, etag_of
from shared.http.session import Reading

router = APIRouter(tags=["boards"])


@router.get("/v1/boards/merit", dependencies=[PUBLIC], response_model=MeritBoard)
async def get_merit_board(
    request: Request,
    response: Response,
    _after: AfterToken,
    fresh: Conditional,
    session: Reading,
) -> Response:
    """The governments ranked by merit index; equal index, equal rank (1, 2, 2, 4). Small counts are withheld."""
    revision = await queries.revision_number(session)
    fresh.check(_etag(revision))
    # Rendered once a revision: everybody gets the same bytes.
    rendered: tuple[int, bytes] | None = getattr(request.app.state, "merit_board", None)
    if rendered is None or rendered[0] != revision:
        reading = await queries.read_board(session)
        board = MeritBoard.of(reading.revision, policy_in_force(), reading.rows)
        rendered = request.app.state.merit_board = (board.revision, board.model_dump_json().encode())
        fresh.check(_etag(board.revision))
    return Response(rendered[1], media_type="application/json", headers=dict(response.headers))


def _etag(revision: int) -> str:
    return etag_of("merit", __version__, revision)
