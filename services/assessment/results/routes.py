"""Results and their history over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.assessment.results.errors import EmployeeUnknown
from services.assessment.results.queries import HistoryKey, find_result, list_history
from services.assessment.results.schemas import HistoryEntry, ResultsAnswer
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http.after import AfterToken
from shared.http.etag import Conditional
from shared.http.pagination import Page, Paging
from shared.http.session import Reading

router = APIRouter(tags=["results"])


@router.get("/v1/assessments/{employee_id}")
async def get_results(
    employee_id: UUID,
    caller: Annotated[Caller, requires(Scope.ASSESSMENT_READ)],
    _after: AfterToken,
    session: Reading,
    fresh: Conditional,
) -> ResultsAnswer:
    """All that counts of one employee now."""
    found = await find_result(session, employee_id, caller.population)
    if found is None:
        raise EmployeeUnknown
    fresh.check("results", str(employee_id), found.version)
    return ResultsAnswer.model_validate({**found.body, "employee_id": employee_id, "version": found.version})


@router.get("/v1/assessments/{employee_id}/history")
async def list_assessment_history(
    employee_id: UUID,
    caller: Annotated[Caller, requires(Scope.ASSESSMENT_READ)],
    _after: AfterToken,
    session: Reading,
    paging: Paging,
) -> Page[HistoryEntry]:
    """Every version of every score and assessment that took effect, latest first."""
    if await find_result(session, employee_id, caller.population) is None:
        raise EmployeeUnknown
    after = (
        None
        if paging.after is None
        else HistoryKey(datetime.fromisoformat(paging.after[0]), UUID(paging.after[1]))
    )
    entries = await list_history(session, employee_id, after, paging.fetch)
    return paging.page(entries, key=lambda entry: [entry.accepted_at.isoformat(), str(entry.id)])
