"""`python -m bench.reading api`: the reporting service with two more routes, which are the floors of its reads.

The floors go through the same application, server, token check and session as the reads beside them.
"""

import sys
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import BaseModel

from services.reporting.__main__ import SERVICE
from services.reporting.main import create_app
from shared.auth.access import PUBLIC, requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.db.session import driver_of
from shared.http.session import Reading
from shared.service import main

router = APIRouter(prefix="/bench")


class Person(BaseModel):
    """A few columns of one row."""

    employee_id: UUID
    region: str
    unit_id: str
    value: int | None
    version: int


@router.get("/people/{employee_id}")
async def get_person(
    employee_id: UUID, _caller: Annotated[Caller, requires(Scope.REPORTING_READ)], session: Reading
) -> Person:
    """One indexed read by primary key."""
    driver = await driver_of(session)
    row = await driver.fetchrow(
        "SELECT employee_id, region, unit_id, value, version FROM derived.folded WHERE employee_id = $1",
        employee_id,
    )
    return Person.model_validate(dict(row))


@router.get("/constant", dependencies=[PUBLIC])
async def get_constant(request: Request) -> Response:
    """The bytes that were put."""
    return Response(request.app.state.constant, media_type="application/json")


@router.put("/constant", dependencies=[PUBLIC], status_code=204)
async def put_constant(request: Request) -> None:
    """What the constant is from now on: the board's own bytes, so that both answers are equally long."""
    request.app.state.constant = await request.body()


def with_floors(settings: Any) -> FastAPI:
    """The application of the service and the floors."""
    app = create_app(settings)
    app.router.routes.extend(router.routes)  # as the service's own, for included ones are found more slowly
    return app


if __name__ == "__main__":
    sys.exit(main(replace(SERVICE, create_app=with_floors), sys.argv[1:]))
