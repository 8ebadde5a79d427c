"""Employees over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response, status

from services.profile.employees import queries, service
from services.profile.employees.errors import EmployeeNotFound, VersionDiffers, problem_of
from services.profile.employees.rules import Accepts, Change, Finding, Outcome, Refusal, accept_any
from services.profile.employees.schemas import (
    EmployeeAnswer,
    EmployeeBatch,
    EmployeeBody,
    EmployeePutAnswer,
    EmployeeRow,
)
from services.profile.governments.service import check_lists
from shared.asn.nip import Nip
from shared.asn.region import RegionCode
from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http import batch
from shared.http.after import TOKEN_HEADER, TOKEN_SENT, token_of
from shared.http.batch import BatchAnswer, RowResult, RowWarning
from shared.http.body import BodyRoute
from shared.http.context import RequestCause, RequestLanguage
from shared.http.etag import Conditional
from shared.http.language import Language
from shared.http.openapi import responses_of
from shared.http.pagination import Page, Paging
from shared.http.pressure import BulkTurn
from shared.http.session import Reading, Writing
from shared.kafka.topics import EMPLOYEES

router = APIRouter(tags=["employees"], route_class=BodyRoute)
Reader = Annotated[Caller, requires(Scope.PROFILE_READ)]
Writer = Annotated[Caller, requires(Scope.PROFILE_WRITE)]


def etag_of(version: int) -> str:
    """The version in quotes, so that a version read from a body can be sent as `If-Match` too."""
    return f'"{version}"'


def accepted_versions(if_match: str | None) -> Accepts:
    """`If-Match` (RFC 9110 §13.1.1) as a condition on the stored version; `*` takes any that exists."""
    if if_match is None:
        return accept_any
    tags = {tag.strip() for tag in if_match.split(",")}
    return lambda version: version is not None and ("*" in tags or etag_of(version) in tags)


@router.put(
    "/v1/employees/{nip}",
    responses={
        200: TOKEN_SENT,
        201: {"model": EmployeePutAnswer, "description": "Created / Dibuat", **TOKEN_SENT},
        **responses_of(VersionDiffers),
    },
)
async def put_employee(
    *,
    nip: Nip,
    body: EmployeeBody,
    caller: Writer,
    session: Writing,
    cause: RequestCause,
    language: RequestLanguage,
    response: Response,
    if_match: Annotated[
        str | None, Header(description="The version that you have read; 412 when it is not the current one.")
    ] = None,
) -> EmployeePutAnswer:
    """Create or update an employee. Sending the same again changes nothing and publishes nothing."""
    row = EmployeeRow.model_construct(nip=nip, **dict(body))  # both have been validated
    [outcome] = await service.put_employees(
        session,
        [row],
        covers=caller.population.covers_region,
        cause=cause,
        accepts=accepted_versions(if_match),
    )
    if isinstance(outcome, Refusal):
        raise problem_of(outcome, nip_in="path")
    if outcome.change is Change.CREATED:
        response.status_code = status.HTTP_201_CREATED
    response.headers[TOKEN_HEADER] = token_of(EMPLOYEES.name, outcome.state.key, outcome.state.version)
    return EmployeePutAnswer(**dict(outcome.state), warnings=_warned(outcome.findings, language))


@router.post("/v1/employees:batch")
async def put_employees(
    body: EmployeeBatch,
    caller: Writer,
    _turn: BulkTurn,
    session: Writing,
    cause: RequestCause,
    language: RequestLanguage,
) -> BatchAnswer:
    """Create or update up to 1,000 employees. Good rows are taken; each bad row gets its own problem."""
    rows = body.employees
    outcomes = await service.put_employees(
        session,
        [row.value for row in rows.accepted],
        covers=caller.population.covers_region,
        cause=cause,
    )
    judged = [
        _result(row.index, outcome, rows.pointer(row.index), language)
        for row, outcome in zip(rows.accepted, outcomes, strict=True)
    ]
    malformed = [batch.rejected(row.index, row.problem(), language) for row in rows.rejected]
    return BatchAnswer.of(judged + malformed)


def _result(index: int, outcome: Outcome, pointer: str, language: Language) -> RowResult:
    if isinstance(outcome, Refusal):
        return batch.rejected(index, problem_of(outcome), language, within=pointer)
    return RowResult(
        index=index,
        status=status.HTTP_201_CREATED if outcome.change is Change.CREATED else status.HTTP_200_OK,
        outcome=batch.Outcome(outcome.change),
        id=outcome.state.key,
        token=token_of(EMPLOYEES.name, outcome.state.key, outcome.state.version),
        warnings=_warned(outcome.findings, language),
    )


def _warned(findings: tuple[Finding, ...], language: Language) -> list[RowWarning]:
    return [RowWarning(code=one.code, message=language.choose(one.message_id, one.message_en)) for one in findings]


@router.get("/v1/employees/{nip}")
async def get_employee(nip: Nip, caller: Reader, fresh: Conditional, session: Reading) -> EmployeeAnswer:
    """One employee."""
    state = await queries.find_employee(session, nip, caller.population)
    if state is None:
        raise EmployeeNotFound
    fresh.check_tag(etag_of(state.version))
    return EmployeeAnswer(**dict(state))


@router.get("/v1/employees")
async def list_employees(
    region: Annotated[RegionCode, Query(description="The government that employs them", examples=["33.74"])],
    caller: Reader,
    paging: Paging,
    session: Reading,
) -> Page[EmployeeAnswer]:
    """The employees of a government, in the order in which they became known."""
    check_lists(region, caller.population)
    states = await queries.list_employees(
        session,
        region,
        caller.population,
        after=UUID(paging.after[0]) if paging.after else None,
        limit=paging.fetch,
    )
    return paging.page([EmployeeAnswer(**dict(state)) for state in states], key=lambda employee: [employee.key])
