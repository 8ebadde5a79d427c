"""Evaluating many people by the rules of `talents`, each part once for all who have the same in it. Pure.

Few have the same record, but very many have the same scores, the same qualification or the same gates. What was
measured by assessment differs from one to the next, and is weighed anew for each.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, Final, TypeVar

from services.placement.eligibility.rules import Eligibility, check_gates
from services.placement.performance.rules import PerformanceScore, score_performance
from services.placement.policies.rules import TalentPolicy
from services.placement.potential.rules import Qualification, qualify, weigh
from services.placement.talents.rules import EmployeeInput, Evaluation, combine
from shared.events.assessment import AssessmentState, Performance

QUALIFIED: Final = ("education", "field_match", "development", "experience", "discipline")
"""All that `Qualified` has: more the rule cannot read."""
EMPLOYED: Final = ("kind", "kedudukan_hukum", "retires_on", "discipline")
"""All that `Employed` has."""
_OF_PERIOD: Final = attrgetter(*sorted(set(Performance.model_fields) - {"score_id"}))
"""All but the id, which is read only where there are several scores of a period."""
_REMEMBERED: Final = 50_000

T = TypeVar("T")


@dataclass(slots=True)
class Evaluator:
    """Evaluates by one policy on one day."""

    policy: TalentPolicy
    on: date
    _qualifications: dict[Hashable, Qualification] = field(default_factory=dict)
    _performances: dict[Hashable, PerformanceScore] = field(default_factory=dict)
    _eligibilities: dict[Hashable, Eligibility] = field(default_factory=dict)

    def evaluate(self, employee: Mapping[str, Any], assessment: AssessmentState | None) -> Evaluation:
        """The evaluation of an employee's input, a JSON object: without remarks, with anybody's ids of scores."""
        x_axis = weigh(assessment, self._qualification(employee), self.policy.x, self.on)
        return combine(self.policy, self.on, x_axis, self._performance(assessment), self._eligibility(employee))

    def _qualification(self, employee: Mapping[str, Any]) -> Qualification:
        key = str([employee.get(name) for name in QUALIFIED])
        if (known := self._qualifications.get(key)) is not None:
            return known
        made = qualify(EmployeeInput.model_validate(employee), self.policy.x, self.on)
        return _remember(self._qualifications, key, made)

    def _eligibility(self, employee: Mapping[str, Any]) -> Eligibility:
        key = str([employee.get(name) for name in EMPLOYED])
        if (known := self._eligibilities.get(key)) is not None:
            return known
        made = check_gates(EmployeeInput.model_validate(employee), self.policy.gates, self.on)
        return _remember(self._eligibilities, key, made)

    def _performance(self, assessment: AssessmentState | None) -> PerformanceScore:
        periods = () if assessment is None else assessment.performance
        if len({period.ends_on for period in periods}) < len(periods):
            return score_performance(periods, self.policy.y, self.on)
        key = tuple(map(_OF_PERIOD, periods))
        if (known := self._performances.get(key)) is not None:
            return known
        return _remember(self._performances, key, score_performance(periods, self.policy.y, self.on))


def _remember(known: dict[Hashable, T], key: Hashable, value: T) -> T:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = value
    return value
