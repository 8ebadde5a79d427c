"""Talent pools over HTTP."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.placement.pools import queries
from services.placement.pools.schemas import PoolMember
from shared.asn.region import RegionPattern
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.regions import check_region
from shared.auth.scopes import Scope
from shared.http.after import AfterToken
from shared.http.etag import Conditional
from shared.http.pagination import Page, Paging
from shared.http.session import Reading

router = APIRouter(tags=["pools"])


@router.get("/v1/pools/{region}")
async def list_pool(
    *,
    region: RegionPattern,
    caller: Annotated[Caller, requires(Scope.PLACEMENT_READ)],
    _after: AfterToken,
    paging: Paging,
    fresh: Conditional,
    session: Reading,
) -> Page[PoolMember]:
    """The Kelompok Rencana Suksesi of a region: boxes 7, 8 and 9 without a veto, highest talent value first."""
    check_region(caller.population, region)
    after = (Decimal(paging.after[0]), UUID(paging.after[1])) if paging.after else None
    members = await queries.list_members(session, region, caller.population, after=after, limit=paging.fetch)
    fresh.check("pool", *(f"{member.employee_id}@{member.version}" for member in members))
    return paging.page(members, key=lambda member: [str(member.talent_value), str(member.employee_id)])
