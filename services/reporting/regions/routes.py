"""One region over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.reporting import __version__
from services.reporting.boards.queries import read_board
from services.reporting.regions import queries
from services.reporting.regions.errors import RegionNotFound, check_region
from services.reporting.regions.schemas import RegionStanding, TopOfRegion
from shared.asn.region import RegionCode
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http.after import AfterToken
from shared.http.etag import Conditional, etag_of
from shared.http.openapi import responses_of
from shared.http.session import Reading

router = APIRouter(tags=["regions"])


@router.get("/v1/regions/{code}/standing", responses=responses_of(RegionNotFound))
async def get_region_standing(
    code: RegionCode,
    caller: Annotated[Caller, requires(Scope.REPORTING_READ)],
    _after: AfterToken,
    fresh: Conditional,
    session: Reading,
) -> RegionStanding:
    """Where a region stands, from which numbers, and what dropped out and why."""
    check_region(caller.population, code)
    reading = await read_board(session, code)
    if not reading.rows:
        raise RegionNotFound
    fresh.check(etag_of("standing", __version__, code, reading.revision.number))
    return RegionStanding.read(reading.revision, *reading.rows[0])


@router.get("/v1/regions/{code}/top")
async def get_region_top(
    *,
    code: RegionCode,
    caller: Annotated[Caller, requires(Scope.REPORTING_READ)],
    _after: AfterToken,
    fresh: Conditional,
    session: Reading,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> TopOfRegion:
    """The people of a region with the highest talent values."""
    check_region(caller.population, code)
    top = TopOfRegion.of(code, await queries.read_top(session, code, limit))
    fresh.check(etag_of("top", __version__, code, limit, top.revision))
    return top
