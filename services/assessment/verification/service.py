"""Recomputing what assessment derives. Each slice is read in one snapshot, so that nothing is on its way in it."""

from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json
from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.verification import queries
from services.assessment.verification.rules import body_of
from shared.verification.differences import Difference, Kind
from shared.verification.examination import UNREADABLE, Examination
from shared.verification.held import BEGINNING, END
from shared.verification.paging import last_of_page

SLICE: Final = 5_000
WIDE_SLICE: Final = 10_000
"""Where only what differs leaves the database."""

_RESULT_CAUSE: Final = "changed past the measurements: hand in one of them again, or repair the row"
_LINK_CAUSE: Final = "changed past the projection: rebuild the copy of the employees"
_WAITS_CAUSE: Final = "its employee has arrived: a state of him taken in again admits it"


async def examine_results(examination: Examination) -> None:
    """Every result has the body that follows from the measurements in force, and whoever was measured has one."""
    after: UUID | None = BEGINNING
    while after is not None:
        async with examination.database.snapshot() as session:
            after, count = await _examine_results_after(session, examination, after)
        await examination.went_through(count)


async def _examine_results_after(
    session: AsyncSession, examination: Examination, after: UUID
) -> tuple[UUID | None, int]:
    """A slice: where the next one begins, None at the end, and how many results it had."""
    last, count = await last_of_page(session, "derived.result", after, SLICE)
    for row in await queries.list_measured(session, after, last or END):
        try:
            _examine_result(examination, *row)
        except UNREADABLE as error:
            examination.cannot_read(row["employee_id"], error, cause=_RESULT_CAUSE)
    return last, count


def _examine_result(
    examination: Examination,
    employee_id: UUID,
    version: int | None,
    body: str | None,
    *measured: str,
) -> None:
    is_measured = any(measured)
    if body is not None:
        # A result that says nothing was made by who came to measure somebody, and was refused.
        follows = body_of(*measured) if is_measured or version else "{}"
        # Nearly all are the same to the letter.
        if follows != body:
            _compare(examination, employee_id, from_json(follows), from_json(body))
    if is_measured and not version:
        _tell_unpublished(examination, employee_id, version)


def _compare(examination: Examination, employee_id: UUID, body: dict[str, Any], found: dict[str, Any]) -> None:
    expected = {name: body.get(name) for name in (*body, *found)}
    examination.expect(employee_id, expected, {name: found.get(name) for name in expected}, cause=_RESULT_CAUSE)


def _tell_unpublished(examination: Examination, employee_id: UUID, version: int | None) -> None:
    fields = {"version": ("1 or more", version)}
    examination.found(Difference(Kind.DERIVATION, examination.name, str(employee_id), fields, _RESULT_CAUSE))


async def examine_links(examination: Examination) -> None:
    """The NIP of every employee is registered and leads to him who bears it."""
    after, count = "", WIDE_SLICE
    while count == WIDE_SLICE:
        async with examination.database.reading() as session:
            last, count = await queries.last_nip(session, after, WIDE_SLICE)
            rows = [] if last is None else await queries.list_astray(session, after, last)
        for row in rows:
            expected = {"registered": True, "employee_id": row["bearer"]}
            found = {"registered": bool(row["registered"]), "employee_id": row["linked"]}
            examination.expect(row["employee_id"], expected, found, cause=_LINK_CAUSE)
        after = last or after
        await examination.went_through(count)


async def examine_waiting(examination: Examination) -> None:
    """Nothing waits for an employee who has arrived."""
    after: int | None = 0
    while after is not None:
        async with examination.database.reading() as session:
            rows = await queries.list_waiting(session, after, SLICE)
        for row in rows:
            expected, found = {"waits_for": None}, {"waits_for": row["employee_id"]}
            examination.expect(f"{row['kind']} {row['position']}", expected, found, cause=_WAITS_CAUSE)
        after = rows[-1]["position"] if len(rows) == SLICE else None
        await examination.went_through(len(rows))
