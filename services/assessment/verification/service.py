"""Recomputing what assessment derives. Each slice is read in one snapshot, so that nothing is on its way in it."""

import json
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.results.queries import read_held
from services.assessment.results.rules import Held, state_of
from services.assessment.verification import queries
from shared.verification.differences import Difference, Kind
from shared.verification.examination import Examination
from shared.verification.held import BEGINNING, END

SLICE: Final = 1_000

_BESIDE_BODY: Final = {"version", "employee_id"}
"""Of a state: what its row holds beside the body."""
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
    rows = await queries.list_results(session, after, SLICE)
    last = rows[-1]["employee_id"] if len(rows) == SLICE else None
    held = await read_held(session, [row["employee_id"] for row in rows])
    for row in rows:
        _examine_result(examination, row, held[row["employee_id"]])
    for employee_id in await queries.list_without_result(session, after, last or END):
        _tell_unpublished(examination, employee_id, None)
    return last, len(rows)


def _examine_result(examination: Examination, row: Any, held: Held) -> None:
    key: UUID = row["employee_id"]
    is_measured = bool(held.scores or held.assessments)
    body: dict[str, Any] = {}
    # A result that says nothing was made by who came to measure somebody, and was refused.
    if is_measured or row["version"]:
        state = state_of(key, held.scores.values(), held.assessments, version=row["version"])
        body = state.model_dump(mode="json", exclude=_BESIDE_BODY)
    found = json.loads(row["body"])
    if found != body:
        expected = {name: body.get(name) for name in (*body, *found)}
        examination.expect(key, expected, {name: found.get(name) for name in expected}, cause=_RESULT_CAUSE)
    if is_measured and not row["version"]:
        _tell_unpublished(examination, key, 0)


def _tell_unpublished(examination: Examination, employee_id: UUID, version: int | None) -> None:
    fields = {"version": ("1 or more", version)}
    examination.found(Difference(Kind.DERIVATION, examination.name, str(employee_id), fields, _RESULT_CAUSE))


async def examine_links(examination: Examination) -> None:
    """The NIP of every employee is registered and leads to him who bears it."""
    after: UUID | None = BEGINNING
    while after is not None:
        async with examination.database.reading() as session:
            rows = await queries.list_links(session, after, SLICE)
        for row in rows:
            expected = {"registered": True, "employee_id": row["bearer"]}
            found = {"registered": row["registered"], "employee_id": row["linked"]}
            examination.expect(row["employee_id"], expected, found, cause=_LINK_CAUSE)
        after = rows[-1]["employee_id"] if len(rows) == SLICE else None
        await examination.went_through(len(rows))


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
