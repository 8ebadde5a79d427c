"""Evaluating every talent again from the inputs that its row holds."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.placement.policies.queries import list_policies, terms_in_force
from services.placement.policies.rules import TalentPolicy, Terms
from services.placement.talents.queries import CONTENT
from services.placement.talents.rules import Evaluation
from services.placement.verification import queries
from services.placement.verification.rules import Evaluator, Inputs, Measured
from shared.db.session import Database
from shared.verification.examination import UNREADABLE, Examination
from shared.verification.held import BEGINNING

SLICE: Final = 5_000
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
_COMPETENCY, _POTENTIAL, _READ, _SERVES = slice(0, 3), slice(3, 6), slice(6, 9), slice(9, 12)
_FOUND: Final = slice(-len(queries.DERIVED), None)
"""In a row of `queries.list_rows`."""


class _Rules(NamedTuple):
    """By which a snapshot is judged: its day, which policy is in force, all policies by id."""

    today: date
    terms: Terms
    policies: Mapping[str, TalentPolicy]


async def examine_talents(examination: Examination) -> None:
    """Box, axes, value, pool, vetoes and the next change follow from the inputs, and the policy is in force.

    A row and the terms are read in one snapshot. The rules say what follows on the day of the row's evaluation.
    """
    evaluator = Evaluator()
    rules, rows = await _read(examination.database, BEGINNING)
    while rows:
        # The database reads on while the rows that it has read are evaluated.
        following, _ = await asyncio.gather(
            _read(examination.database, rows[-1]["employee_id"]),
            asyncio.to_thread(_examine_all, examination, rows, rules, evaluator),
        )
        await examination.went_through(len(rows))
        rules, rows = following


async def _read(database: Database, after: UUID) -> tuple[_Rules, Sequence[Any]]:
    async with database.snapshot() as session:
        policies = {policy.policy_id: policy for policy, _ in await list_policies(session)}
        rules = _Rules(await queries.today(session), await terms_in_force(session), policies)
        return rules, await queries.list_rows(session, after, SLICE)


def _examine_all(examination: Examination, rows: Sequence[Any], rules: _Rules, evaluator: Evaluator) -> None:
    for row in rows:
        try:
            _examine(examination, row, rules, evaluator)
        except UNREADABLE as error:
            examination.cannot_read(row["employee_id"], error, cause=_CHANGED)


def _examine(examination: Examination, row: Any, rules: _Rules, evaluator: Evaluator) -> None:
    key = row["employee_id"]
    evaluated_on: date | None = row["evaluated_on"]
    region: str | None = row["employee_region"]
    if region is None or evaluated_on is None:
        expected = _NOTHING if region is None else {"evaluated_on": rules.today}
        examination.expect(key, expected, row, cause=_CHANGED)
        return
    in_force = rules.terms.in_force(region, max(rules.today, evaluated_on)).policy_id
    if row["policy_id"] != in_force:
        examination.expect(key, {"policy_id": in_force}, row, cause=_POLICY)
    # By the policy that it names, so that what is wrong besides is found before the re-evaluation has come to it.
    policy = rules.policies.get(row["policy_id"])
    if policy is not None:
        inputs = _inputs(row)
        result = evaluator.evaluate(policy, evaluated_on, inputs)
        next_change = result.next_change_on
        if next_change != row["next_change_on"]:
            seen_from = _seen_from(row["next_change_on"], next_change, rules.today)
            next_change = evaluator.evaluate(policy, seen_from or evaluated_on, inputs).next_change_on
        derived = (*row[_SERVES], *_content(result), next_change)
        # Nearly all are as they should be, and that is soon seen.
        if derived != row[_FOUND]:
            examination.expect(key, dict(zip(queries.DERIVED, derived, strict=True)), row, cause=_CHANGED)


def _inputs(row: Any) -> Inputs:
    competency, potential = row[_COMPETENCY], row[_POTENTIAL]
    return Inputs(
        None if competency[0] is None else _measured(*competency),
        None if potential[0] is None else _measured(*potential),
        *row[_READ],
    )


def _measured(number: str, assessed_on: str, valid_until: str) -> Measured:
    return Measured(Decimal(number), date.fromisoformat(assessed_on), date.fromisoformat(valid_until))


def _content(result: Evaluation) -> tuple[Any, ...]:
    """In the order of `queries.DERIVED`, behind where he serves."""
    return (
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


def _seen_from(stored: date | None, expected: date | None, today: date) -> date | None:
    """From when another next change than the `expected` one may have been seen; None: it may not.

    A row that stayed as it was on the day of a change keeps the day of its evaluation, and is put off to the next
    change: then that must be a day of change, seen from the day before it.
    """
    if expected is None or expected > today:
        return None
    return max(today if stored is None else min(today, stored - _DAY), expected)
