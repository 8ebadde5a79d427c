"""Performance scores over HTTP."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response, status

from services.assessment.performance.schemas import PerformanceScoreBatch, PerformanceScoreBody
from services.assessment.submissions.routes import take_one, take_rows
from services.assessment.submissions.schemas import ReceiptAnswer
from services.assessment.submissions.service import PERFORMANCE_SCORE
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http.after import TOKEN_SENT
from shared.http.batch import BatchAnswer
from shared.http.context import RequestCause, RequestLanguage
from shared.http.idempotency import AttemptingOnce, IdempotentRoute, WritingOnce
from shared.http.pressure import BulkTurn

router = APIRouter(tags=["performance scores"], route_class=IdempotentRoute)
_TAKEN: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ReceiptAnswer, "description": "The same score was in force already", **TOKEN_SENT},
    201: TOKEN_SENT,
}


@router.post("/v1/performance-scores", status_code=status.HTTP_201_CREATED, responses=_TAKEN)
async def post_performance_score(
    body: PerformanceScoreBody,
    caller: Annotated[Caller, requires(Scope.ASSESSMENT_WRITE)],
    session: AttemptingOnce,
    cause: RequestCause,
    response: Response,
) -> ReceiptAnswer:
    """Hand in the score of one period. The same period again is a new version; the same content again is none."""
    return await take_one(session, PERFORMANCE_SCORE, body, caller=caller, cause=cause, response=response)


@router.post("/v1/performance-scores:batch")
async def post_performance_scores(
    body: PerformanceScoreBatch,
    caller: Annotated[Caller, requires(Scope.ASSESSMENT_WRITE)],
    _turn: BulkTurn,
    session: WritingOnce,
    cause: RequestCause,
    language: RequestLanguage,
) -> BatchAnswer:
    """Hand in up to 1,000 scores in one transaction. Good rows are taken, each bad row is told why not."""
    return await take_rows(
        session,
        PERFORMANCE_SCORE,
        body.scores,
        caller=caller,
        cause=cause,
        language=language,
    )
