"""Evaluating every talent again from the inputs that its row holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json

from services.placement.policies.queries import list_policies, terms_in_force
from services.placement.policies.rules import TalentPolicy, Terms
from services.placement.talents.queries import CONTENT
from services.placement.talents.rules import Employee, EmployeeInput, Evaluation, evaluate
from services.placement.verification import queries
from services.placement.verification.rules import Evaluator
from shared.events.assessment import AssessmentState
from shared.verification.examination import Examination
from shared.verification.held import BEGINNING

SLICE: Final = 1_000
_DAY: Final = timedelta(days=1)

_CHANGED: Final = "changed past the evaluation: rebuild"
_POLICY: Final = "another policy is in force since: its re-evaluation is under way"
_NOTHING: Final[dict[str, Any]] = {
    **{
        name: [] if kind.endswith("[]") else False if kind == "boolean" else None for name, kind in CONTENT.items()
    },
    "version": 0,
    "evaluated_on": None,
    "next_change_on": None,
}
"""Of a row that still waits for its employee."""
_DERIVED: Final = (*(name for name in CONTENT if name != "policy_id"), "next_change_on")
_FOUND: Final = itemgetter(*_DERIVED)


@dataclass(slots=True)
class _Rules:
    """By which a snapshot is judged: its day, which policy is in force, all policies by id."""

    today: date
    terms: Terms
    policies: Mapping[str, TalentPolicy]
    known: dict[tuple[str, date], Evaluator]
    """One for each policy and day that was met."""

    def evaluator(self, policy_id: str, on: date) -> Evaluator | None:
        """By a policy on a day; None where there is no such policy."""
        policy = self.policies.get(policy_id)
        if policy is None:
            return None
        known = self.known.get((policy_id, on))
        if known is None:
            known = self.known[policy_id, on] = Evaluator(policy, on)
        return known


async def examine_talents(examination: Examination) -> None:
    """Box, axes, value, pool, vetoes and the next change follow from the inputs, and the policy is in force.

    A row and the terms are read in one snapshot. The rules say what follows on the day of the row's evaluation.
    """
    evaluators: dict[tuple[str, date], Evaluator] = {}
    after: UUID | None = BEGINNING
    while after is not None:
        async with examination.database.snapshot() as session:
            rules = _Rules(
                await queries.today(session),
                await terms_in_force(session),
                {policy.policy_id: policy for policy, _ in await list_policies(session)},
                evaluators,
            )
            rows = await queries.list_rows(session, after, SLICE)
        for row in rows:
            _examine(examination, row, rules)
        after = rows[-1]["employee_id"] if len(rows) == SLICE else None
        await examination.went_through(len(rows))


def _examine(examination: Examination, row: Any, rules: _Rules) -> None:
    key = row["employee_id"]
    evaluated_on: date | None = row["evaluated_on"]
    if row["employee"] is None or evaluated_on is None:
        expected = _NOTHING if row["employee"] is None else {"evaluated_on": rules.today}
        examination.expect(key, expected, row, cause=_CHANGED)
        return
    employee = from_json(row["employee"])
    assessment = None if row["assessment"] is None else AssessmentState.model_validate_json(row["assessment"])
    in_force = rules.terms.in_force(employee["region"], max(rules.today, evaluated_on)).policy_id
    if row["policy_id"] != in_force:
        examination.expect(key, {"policy_id": in_force}, row, cause=_POLICY)
    # By the policy that it names, so that what is wrong besides is found before the re-evaluation has come to it.
    evaluator = rules.evaluator(row["policy_id"], evaluated_on)
    if evaluator is not None:
        result = evaluator.evaluate(employee, assessment)
        next_change = result.next_change_on
        if next_change != row["next_change_on"]:
            inputs = EmployeeInput.model_validate(employee), assessment, evaluator.policy
            next_change = _next_change(row["next_change_on"], next_change, inputs, rules.today)
        derived = (*_content(employee, result), next_change)
        # Nearly all are as they should be, and that is soon seen.
        if derived != _FOUND(row):
            examination.expect(key, dict(zip(_DERIVED, derived, strict=True)), row, cause=_CHANGED)


def _content(employee: Mapping[str, Any], result: Evaluation) -> tuple[Any, ...]:
    """In the order of `_DERIVED`."""
    return (
        employee["region"],
        employee["unit_id"],
        employee["post"]["level"],
        result.active,
        result.predikat,
        result.x,
        result.y,
        result.value,
        result.box,
        list(result.no_box_reasons),
        result.eligible,
        [veto.code for veto in result.vetoes],
        result.in_pool,
    )


def _next_change(
    stored: date | None,
    expected: date | None,
    inputs: tuple[Employee, AssessmentState | None, TalentPolicy],
    today: date,
) -> date | None:
    """The next change, `expected` as seen from the day of the evaluation, where another one is stored.

    A row that stayed as it was on the day of a change keeps the day of its evaluation, and is put off to the next
    change: then that must be a day of change, seen from the day before it.
    """
    if expected is None or expected > today:
        return expected
    seen_from = today if stored is None else min(today, stored - _DAY)
    return evaluate(*inputs, max(seen_from, expected)).next_change_on
