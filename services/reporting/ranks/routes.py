"""Ranks of people over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.reporting.ranks import queries
from services.reporting.ranks.errors import EmployeeNotRanked
from services.reporting.ranks.schemas import EmployeeRanks, json_of
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http.after import AfterToken
from shared.http.etag import Conditional
from shared.http.openapi import responses_of
from shared.http.session import Reading

router = APIRouter(tags=["ranks"])


@router.get("/v1/ranks/{employee_id}", response_model=EmployeeRanks, responses=responses_of(EmployeeNotRanked))
async def get_ranks(
    employee_id: UUID,
    caller: Annotated[Caller, requires(Scope.REPORTING_READ)],
    _after: AfterToken,
    fresh: Conditional,
    session: Reading,
) -> Response:
    """The rank of an employee in region, unit, level, province and nation, exact."""
    found = await queries.find_ranks(session, employee_id, caller.population)
    if found is None:
        raise EmployeeNotRanked
    # Input versions grow without a new revision.
    return fresh.whole(json_of(found), "ranks", str(employee_id), found["version"], found["number"])
