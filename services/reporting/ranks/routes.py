"""Ranks of people over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.reporting import __version__
from services.reporting.ranks import queries
from services.reporting.ranks.errors import EmployeeNotRanked
from services.reporting.ranks.schemas import EmployeeRanks
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http.after import AfterToken
from shared.http.etag import Conditional, etag_of
from shared.http.openapi import responses_of
from shared.http.session import Reading

router = APIRouter(tags=["ranks"])


@router.get("/v1/ranks/{employee_id}", responses=responses_of(EmployeeNotRanked))
async def get_ranks(
    employee_id: UUID,
    caller: Annotated[Caller, requires(Scope.REPORTING_READ)],
    _after: AfterToken,
    fresh: Conditional,
    session: Reading,
) -> EmployeeRanks:
    """The rank of an employee in region, unit, level, province and nation, exact."""
    rows = await queries.find_ranks(session, employee_id, caller.population)
    if not rows:
        raise EmployeeNotRanked
    # Input versions grow without a new revision.
    fresh.check(etag_of("ranks", __version__, str(employee_id), rows[0]["version"], rows[0]["number"]))
    return EmployeeRanks.of(rows)
