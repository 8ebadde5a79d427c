"""What the three APIs on the way of a score do, in FastAPI."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header, HTTPException, Request, Response

from bench.least.asked import hops, tables
from bench.least.asked.taking import Taking
from bench.least.carrying import Surroundings
from bench.least.framed.serving import After, Frame, shown_after
from bench.least.reading import Showing
from bench.least.starting import Hops
from bench.parts.receiving import Score
from shared.auth.caller import Caller
from shared.auth.scopes import Scope


async def accept(around: Surroundings) -> None:
    """Takes single scores over HTTP, each once."""
    taking, frame = await Taking.of(around), Frame(around, "assessment", Scope.ASSESSMENT_WRITE)

    @frame.app.post("/v1/performance-scores")
    async def take(
        request: Request,
        score: Score,
        caller: Annotated[Caller, Depends(frame.caller)],
        key: Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[\x21-\x7e]{1,255}$")],
    ) -> Response:
        taken = await taking.take(score, await request.body(), caller.subject, key)
        if taken is None:
            raise HTTPException(422)
        headers = {"Talenta-Token": taken.token}
        return Response(taken.receipt, status_code=201, headers=headers, media_type="application/json")

    await frame.serve()


async def show_talents(around: Surroundings) -> None:
    """The state of one person."""
    showing = await Showing.of(around, tables.TALENT, UUID)
    frame = Frame(around, "placement", Scope.PLACEMENT_READ)

    @frame.app.get("/v1/talents/{employee_id}", dependencies=frame.guarded)
    async def read(employee_id: str, after: After) -> Response:
        return await shown_after(showing, employee_id, after)

    await frame.serve()


async def show_ranks(around: Surroundings) -> None:
    """Sum and rank of one region."""
    showing = await Showing.of(around, tables.RANK, str)
    frame = Frame(around, "reporting", Scope.REPORTING_READ)

    @frame.app.get("/v1/regions/{region}/standing", dependencies=frame.guarded)
    async def read(region: str, after: After) -> Response:
        return await shown_after(showing, region, after)

    await frame.serve()


HOPS: Final[Hops] = {
    **hops.HOPS,
    "assessment-api": accept,
    "placement-api": show_talents,
    "reporting-api": show_ranks,
}
