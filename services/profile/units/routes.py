"""Units over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from services.profile.governments.service import check_lists
from services.profile.units import queries, service
from services.profile.units.errors import UnitNotFound
from services.profile.units.schemas import UnitAnswer, UnitBody, UnitId
from shared.asn.region import RegionCode
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http.body import BodyRoute
from shared.http.context import RequestCause
from shared.http.pagination import Page, Paging
from shared.http.session import Reading, Writing

router = APIRouter(tags=["units"], route_class=BodyRoute)
Reader = Annotated[Caller, requires(Scope.PROFILE_READ)]
Writer = Annotated[Caller, requires(Scope.PROFILE_WRITE)]


@router.put("/v1/units/{unit_id}", responses={201: {"model": UnitAnswer, "description": "Created / Dibuat"}})
async def put_unit(
    *,
    unit_id: UnitId,
    body: UnitBody,
    caller: Writer,
    session: Writing,
    cause: RequestCause,
    response: Response,
) -> UnitAnswer:
    """Create or update a unit. Its region never changes."""
    unit, created = await service.put_unit(
        session,
        unit_id,
        body,
        population=caller.population,
        at=cause.origin_time,
    )
    if created:
        response.status_code = status.HTTP_201_CREATED
    return UnitAnswer.model_validate(unit, from_attributes=True)


@router.get("/v1/units/{unit_id}")
async def get_unit(unit_id: UnitId, caller: Reader, session: Reading) -> UnitAnswer:
    """One unit."""
    unit = await queries.find_unit(session, unit_id, caller.population)
    if unit is None:
        raise UnitNotFound
    return UnitAnswer.model_validate(unit, from_attributes=True)


@router.get("/v1/units")
async def list_units(
    region: Annotated[RegionCode, Query(description="The government", examples=["33.74"])],
    caller: Reader,
    paging: Paging,
    session: Reading,
) -> Page[UnitAnswer]:
    """The units of a government, by id."""
    check_lists(region, caller.population)
    units = await queries.list_units(
        session,
        region,
        caller.population,
        after=paging.after and paging.after[0],
        limit=paging.fetch,
    )
    answers = [UnitAnswer.model_validate(unit, from_attributes=True) for unit in units]
    return paging.page(answers, key=lambda unit: [unit.unit_id])
