"""The box map over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from services.placement.nine_box.queries import count_by_box
from services.placement.nine_box.schemas import BoxMap
from shared.asn.region import RegionPattern
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.regions import check_region
from shared.auth.scopes import Scope
from shared.http.after import AfterToken
from shared.http.etag import Conditional
from shared.http.session import Reading

router = APIRouter(tags=["nine-box"])


@router.get("/v1/box-map/{region}")
async def get_box_map(
    region: RegionPattern,
    caller: Annotated[Caller, requires(Scope.PLACEMENT_READ)],
    _after: AfterToken,
    fresh: Conditional,
    session: Reading,
) -> BoxMap:
    """How many employees of a region stand in each of the nine boxes, and how many have none."""
    check_region(caller.population, region)
    counts = await count_by_box(session, region, caller.population)
    fresh.check("box-map", region, *(f"{box}={count}" for box, count in sorted(counts.items(), key=str)))
    return BoxMap.of(region, counts)
