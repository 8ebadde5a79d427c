"""Recomputing what assessment derives. Each slice is read in one snapshot, so that nothing is on its way in it."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json
from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.performance.queries import held_score
from services.assessment.results.rules import state_of
from services.assessment.talent_assessments.rules import HeldAssessment
from services.assessment.verification import queries
from services.assessment.verification.queries import ScoresInForce
from shared.verification.differences import Difference, Kind
from shared.verification.examination import Examination
from shared.verification.held import BEGINNING, END

SLICE: Final = 1_000
WIDE_SLICE: Final = 10_000
"""Where only what differs leaves the database."""

_NO_SCORES: Final = ScoresInForce()
_NOBODY: Final = UUID(int=0)
_MEASURED: Final = {"competency", "potential"}
_REMEMBERED: Final = 100_000
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
    scores = await queries.scores_between(session, after, last or END)
    assessments = await queries.assessments_between(session, after, last or END)
    for row in rows:
        key = row["employee_id"]
        _examine_result(examination, row, scores.pop(key, _NO_SCORES), assessments.pop(key, ()))
    # What is left was measured of people who have no result.
    for employee_id in sorted(scores.keys() | assessments.keys()):
        _tell_unpublished(examination, employee_id, None)
    return last, len(rows)


def _examine_result(
    examination: Examination, row: Any, scores: ScoresInForce, assessments: Collection[HeldAssessment]
) -> None:
    key: UUID = row["employee_id"]
    is_measured = bool(scores.ids or assessments)
    # A result that says nothing was made by who came to measure somebody, and was refused.
    body = _body_of(scores, assessments) if is_measured or row["version"] else {}
    found = from_json(row["body"])
    if found != body:
        expected = {name: body.get(name) for name in (*body, *found)}
        examination.expect(key, expected, {name: found.get(name) for name in expected}, cause=_RESULT_CAUSE)
    if is_measured and not row["version"]:
        _tell_unpublished(examination, key, 0)


def _body_of(scores: ScoresInForce, assessments: Collection[HeldAssessment]) -> dict[str, Any]:
    """The body, as JSON, that follows by the rules of `results`."""
    performance = [{**part, "score_id": scores.ids[place]} for place, part in _performance_of(scores.contents)]
    state = state_of(_NOBODY, (), assessments, version=0)
    measured: dict[str, Any] = from_json(state.model_dump_json(include=_MEASURED))
    return {"performance": performance, **measured}


@lru_cache(maxsize=_REMEMBERED)
def _performance_of(contents: tuple[tuple[Any, ...], ...]) -> tuple[tuple[int, dict[str, Any]], ...]:
    """What is said of scores of this content: the place of each that counts, and its part of the body.

    Nearly everybody's scores differ from somebody else's by their ids alone, and an id is only handed on: so the
    rule runs once for all of them, with the places for ids.
    """
    held = [
        held_score({"id": UUID(int=place), **dict(zip(queries.CONTENT, content, strict=True))})
        for place, content in enumerate(contents)
    ]
    parts = state_of(_NOBODY, held, (), version=0).model_dump(mode="json")["performance"]
    return tuple((UUID(part["score_id"]).int, part) for part in parts)


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
