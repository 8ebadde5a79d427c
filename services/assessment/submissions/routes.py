"""Handing in over HTTP, one measurement or a batch, the same for every kind. The endpoints are in their slices."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

from fastapi import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.submissions.rules import Change, Measurement, Receipt, RefusedError, day_of
from services.assessment.submissions.schemas import Matching, MeasurementBody, ReceiptAnswer
from services.assessment.submissions.service import Kind, submit
from shared.auth.caller import Caller
from shared.events.envelope import Cause
from shared.http.after import TOKEN_HEADER, token_of
from shared.http.batch import BatchAnswer, Outcome, RowResult, Rows, rejected
from shared.http.errors import InvalidInput, Violation
from shared.http.language import Language
from shared.kafka.topics import RESULTS

M = TypeVar("M", bound=Measurement)
B = TypeVar("B", bound=MeasurementBody[Any])
_OK: Final = HTTPStatus.OK.value
_CREATED: Final = HTTPStatus.CREATED.value
_OUTCOMES: Final[Mapping[Change | None, Outcome]] = {None: Outcome.RECEIVED} | {
    each: Outcome(each) for each in Change
}


async def take_one(
    session: AsyncSession,
    kind: Kind[M],
    body: MeasurementBody[M],
    *,
    caller: Caller,
    cause: Cause,
    response: Response,
) -> ReceiptAnswer:
    """Take in one measurement. 201, or 200 when it changed nothing; the token where it took effect."""
    try:
        measurement = body.measurement(on=day_of(cause.origin_time))
    except RefusedError as refused:
        raise InvalidInput(errors=[_violation(refused)]) from None
    [receipt] = await submit(session, kind, [(body.nip, measurement)], caller=caller, cause=cause)
    response.status_code = _status(receipt)
    token = _token(receipt)
    if token is not None:
        response.headers[TOKEN_HEADER] = token
    return ReceiptAnswer(
        id=receipt.id,
        state=Matching.RECEIVED if receipt.employee_id is None else Matching.MATCHED,
        outcome=_OUTCOMES[receipt.change],
        employee_id=receipt.employee_id,
    )


async def take_rows(
    session: AsyncSession,
    kind: Kind[M],
    rows: Rows[B],
    *,
    caller: Caller,
    cause: Cause,
    language: Language,
) -> BatchAnswer:
    """Take in the rows that keep the rules, in one transaction, and tell of each other row why not."""
    on = day_of(cause.origin_time)
    results = [rejected(one.index, one.problem(), language) for one in rows.rejected]
    indexes: list[int] = []
    handed_in: list[tuple[str, M]] = []
    for row in rows.accepted:
        try:
            handed_in.append((row.value.nip, row.value.measurement(on=on)))
            indexes.append(row.index)
        except RefusedError as refused:
            problem = InvalidInput(errors=[_violation(refused).below(rows.pointer(row.index))])
            results.append(rejected(row.index, problem, language))
    receipts = await submit(session, kind, handed_in, caller=caller, cause=cause) if handed_in else ()
    return BatchAnswer.of([*results, *_results(indexes, receipts)])


def _results(indexes: Sequence[int], receipts: Sequence[Receipt]) -> list[RowResult]:
    return [
        RowResult(
            index=index,
            status=_status(receipt),
            outcome=_OUTCOMES[receipt.change],
            id=str(receipt.id),
            token=_token(receipt),
        )
        for index, receipt in zip(indexes, receipts, strict=True)
    ]


def _status(receipt: Receipt) -> int:
    return _OK if receipt.change is Change.UNCHANGED else _CREATED


def _token(receipt: Receipt) -> str | None:
    if receipt.employee_id is None or receipt.version is None:
        return None
    return token_of(RESULTS.name, receipt.employee_id, receipt.version)


def _violation(refused: RefusedError) -> Violation:
    return Violation(refused.pointer, refused.code, refused.message_id, refused.message_en)
