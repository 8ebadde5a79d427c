"""Explanations over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.placement.explanations.schemas import Explanation
from services.placement.explanations.service import explain
from services.placement.talents.errors import TalentNotFound
from services.placement.talents.queries import find_talent
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http.after import AfterToken
from shared.http.etag import Conditional
from shared.http.session import Reading

router = APIRouter(tags=["explanations"])


@router.get("/v1/talents/{employee_id}/explanation")
async def get_explanation(
    employee_id: UUID,
    caller: Annotated[Caller, requires(Scope.PLACEMENT_READ)],
    _after: AfterToken,
    fresh: Conditional,
    session: Reading,
) -> Explanation:
    """Why an employee is where they are: components, cuts, vetoes, causes, and the way to the next box."""
    row = await find_talent(session, employee_id, caller.population)
    if row is None:
        raise TalentNotFound
    fresh.check("explanation", str(employee_id), row.version, str(row.next_change_on))
    return await explain(session, row)
