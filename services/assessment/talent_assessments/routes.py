"""Talent assessments over HTTP."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response, status

from services.assessment.submissions.routes import take_one, take_rows
from services.assessment.submissions.schemas import ReceiptAnswer
from services.assessment.submissions.service import TALENT_ASSESSMENT
from services.assessment.talent_assessments.schemas import TalentAssessmentBatch, TalentAssessmentBody
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http.after import TOKEN_SENT
from shared.http.batch import BatchAnswer
from shared.http.context import RequestCause, RequestLanguage
from shared.http.idempotency import AttemptingOnce, IdempotentRoute, WritingOnce
from shared.http.pressure import BulkTurn

router = APIRouter(tags=["talent assessments"], route_class=IdempotentRoute)
_TAKEN: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ReceiptAnswer, "description": "All that was measured was in force already", **TOKEN_SENT},
    201: TOKEN_SENT,
}


@router.post("/v1/talent-assessments", status_code=status.HTTP_201_CREATED, responses=_TAKEN)
async def post_talent_assessment(
    body: TalentAssessmentBody,
    caller: Annotated[Caller, requires(Scope.ASSESSMENT_WRITE)],
    session: AttemptingOnce,
    cause: RequestCause,
    response: Response,
) -> ReceiptAnswer:
    """Hand in what was measured on one day. The same day again is a new version of the parts that it has."""
    return await take_one(session, TALENT_ASSESSMENT, body, caller=caller, cause=cause, response=response)


@router.post("/v1/talent-assessments:batch")
async def post_talent_assessments(
    body: TalentAssessmentBatch,
    caller: Annotated[Caller, requires(Scope.ASSESSMENT_WRITE)],
    _turn: BulkTurn,
    session: WritingOnce,
    cause: RequestCause,
    language: RequestLanguage,
) -> BatchAnswer:
    """Hand in up to 1,000 assessments in one transaction. Good rows are taken, each bad row is told why not."""
    return await take_rows(
        session,
        TALENT_ASSESSMENT,
        body.assessments,
        caller=caller,
        cause=cause,
        language=language,
    )
