"""Talents over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.placement.talents import queries
from services.placement.talents.errors import TalentNotFound
from services.placement.talents.schemas import TalentAnswer
from shared.asn.region import RegionPattern
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.regions import check_list
from shared.auth.scopes import Scope
from shared.http.after import AfterToken
from shared.http.etag import Conditional
from shared.http.pagination import Page, Paging
from shared.http.session import Reading

router = APIRouter(tags=["talents"])


@router.get("/v1/talents/{employee_id}")
async def get_talent(
    employee_id: UUID,
    caller: Annotated[Caller, requires(Scope.PLACEMENT_READ)],
    _after: AfterToken,
    fresh: Conditional,
    session: Reading,
) -> TalentAnswer:
    """Where an employee stands: both axes, talent value, box, eligibility and pool."""
    result = await queries.find_result(session, employee_id, caller.population)
    if result is None:
        raise TalentNotFound
    fresh.check("talent", str(employee_id), result["version"], str(result["next_change_on"]))
    return TalentAnswer.of(result)


@router.get("/v1/talents")
async def list_talents(
    *,
    region: Annotated[RegionPattern, Query(description="A region, or `33.*` for a province and all in it.")],
    caller: Annotated[Caller, requires(Scope.PLACEMENT_READ)],
    _after: AfterToken,
    paging: Paging,
    fresh: Conditional,
    session: Reading,
) -> Page[TalentAnswer]:
    """The employees of a region, by id."""
    check_list(caller.population, region)
    after = UUID(paging.after[0]) if paging.after else None
    results = await queries.list_results(session, region, caller.population, after=after, limit=paging.fetch)
    fresh.check("talents", *map(_state_of, results))
    answers = [TalentAnswer.of(result) for result in results]
    return paging.page(answers, key=lambda talent: [str(talent.employee_id)])


def _state_of(result: Mapping[str, Any]) -> str:
    return f"{result['employee_id']}@{result['version']}@{result['next_change_on']}"
