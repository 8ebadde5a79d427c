"""One region over HTTP."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.queries import read_board
from services.reporting.regions import queries
from services.reporting.regions.errors import RegionNotFound
from services.reporting.regions.schemas import RegionStanding, TopOfRegion
from services.reporting.revisions.service import Answer, answers_of
from shared.asn.region import RegionCode
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.regions import check_region
from shared.auth.scopes import Scope
from shared.http.after import AfterToken
from shared.http.etag import Conditional
from shared.http.openapi import responses_of
from shared.http.session import Reading

router = APIRouter(tags=["regions"])


@router.get("/v1/regions/{code}/standing", response_model=RegionStanding, responses=responses_of(RegionNotFound))
async def get_region_standing(
    code: RegionCode,
    caller: Annotated[Caller, requires(Scope.REPORTING_READ)],
    _after: AfterToken,
    fresh: Conditional,
    request: Request,
) -> Response:
    """Where a region stands, from which numbers, and what dropped out and why."""
    check_region(caller.population, code)
    standing = await answers_of(request).get(f"standing/{code}", partial(_render_standing, code))
    return fresh.whole(standing.body, "standing", code, standing.revision)


async def _render_standing(code: RegionCode, session: AsyncSession) -> Answer:
    revision, lines = await read_board(session, code)
    if not lines:
        raise RegionNotFound
    standing = RegionStanding.read(revision, lines[0])
    return Answer(revision.number, standing.model_dump_json().encode())


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
    fresh.check("top", code, limit, top.revision)
    return top
