"""Evaluating many people by the rules of `talents`, each part once for all who have the same in it. Pure.

Few have the same record, but very many have the same scores, the same qualification or the same gates. What was
measured by assessment differs from one to the next, and is weighed anew for each.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import from_json

from services.placement.eligibility.rules import Eligibility, check_gates
from services.placement.performance.rules import PerformanceScore, score_performance
from services.placement.policies.rules import TalentPolicy
from services.placement.potential.rules import Measure, Qualification, qualify, weigh
from services.placement.talents.rules import EmployeeInput, Evaluation, combine
from shared.asn.employment import EmployeeKind
from shared.asn.post import PostLevel
from shared.events.assessment import Performance

QUALIFIED: Final = ("education", "field_match", "development", "experience", "discipline")
"""All that `Qualified` has: more the rule cannot read."""
EMPLOYED: Final = ("kind", "kedudukan_hukum", "retires_on", "discipline")
"""All that `Employed` has."""
_ANYWHERE: Final = {"region": "", "unit_id": "", "post": {"title": "", "level": PostLevel.PELAKSANA}}
_ANYBODY: Final = {**_ANYWHERE, "kind": EmployeeKind.PNS, "kedudukan_hukum": ""}
"""Beside what a rule reads: the rest of a record that has to be whole."""
_PERIODS: Final = TypeAdapter(tuple[Performance, ...])
_SCORE_ID: Final = re.compile(r'"score_id": ?"[^"]*"')
_REMEMBERED: Final = 50_000

T = TypeVar("T")


class Measured(NamedTuple):
    """A competency or a potential, with anybody's id."""

    number: Decimal
    assessed_on: date
    valid_until: date
    assessment_id: UUID = UUID(int=0)


class Inputs(NamedTuple):
    """What was measured of somebody, and in JSON: of his record `QUALIFIED` and `EMPLOYED`, and his periods."""

    competency: Measure | None
    potential: Measure | None
    qualified: str
    employed: str
    performance: str


@dataclass(slots=True)
class Evaluator:
    """Evaluates by any policy on any day, and remembers the parts."""

    _qualifications: dict[Hashable, Qualification] = field(default_factory=dict)
    _performances: dict[Hashable, PerformanceScore] = field(default_factory=dict)
    _eligibilities: dict[Hashable, Eligibility] = field(default_factory=dict)

    def evaluate(self, policy: TalentPolicy, on: date, inputs: Inputs) -> Evaluation:
        """The evaluation of these inputs: without remarks, with anybody's ids."""
        by = policy.policy_id, on
        qualification = _once(self._qualifications, (*by, inputs.qualified), _qualify, inputs, policy, on)
        return combine(
            policy,
            on,
            weigh(inputs, qualification, policy.x, on),
            self._performance(policy, on, inputs.performance),
            _once(self._eligibilities, (*by, inputs.employed), _check, inputs, policy, on),
        )

    def _performance(self, policy: TalentPolicy, on: date, performance: str) -> PerformanceScore:
        key = policy.policy_id, on, _SCORE_ID.sub("", performance)
        if (known := self._performances.get(key)) is not None:
            return known
        periods = _PERIODS.validate_json(performance)
        # An id is read only where there are several scores of a period.
        if len({period.ends_on for period in periods}) < len(periods):
            return score_performance(periods, policy.y, on)
        return _once(self._performances, key, score_performance, periods, policy.y, on)


def _qualify(inputs: Inputs, policy: TalentPolicy, on: date) -> Qualification:
    return qualify(_employee(_ANYBODY, inputs.qualified), policy.x, on)


def _check(inputs: Inputs, policy: TalentPolicy, on: date) -> Eligibility:
    return check_gates(_employee(_ANYWHERE, inputs.employed), policy.gates, on)


def _employee(rest: Mapping[str, Any], members: str) -> EmployeeInput:
    return EmployeeInput.model_validate({**rest, **from_json(members)})


def _once(known: dict[Hashable, T], key: Hashable, make: Callable[..., T], *inputs: Any) -> T:
    """What is known by the key, else made and known from now on."""
    if (found := known.get(key)) is not None:
        return found
    if len(known) >= _REMEMBERED:
        known.clear()
    made = known[key] = make(*inputs)
    return made
