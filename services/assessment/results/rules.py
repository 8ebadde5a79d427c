"""What `assessment.results` says of an employee, from the measurements in force. Pure, and without a clock."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.assessment.performance import rules as performance
from services.assessment.performance.rules import HeldScore, Period, Score
from services.assessment.submissions.rules import Change, Taken
from services.assessment.talent_assessments import rules as talent_assessments
from services.assessment.talent_assessments.rules import (
    HeldAssessment,
    MeasuredPart,
    TalentAssessment,
    in_force,
    jpm_category,
    potential_category,
)
from shared.events.assessment import AssessmentState, Competency, Performance, Potential

HORIZON_MONTHS: Final = 60
"""A state carries the periods that ended in the five years up to the end of its newest one: at most 5 years, 20
quarters and 60 months. Longer than any talent policy looks back, bounded whatever was handed in, and reckoned from
the newest period, so that a state never changes by the mere passing of time. The rest stays in the history."""

_PLACES: Final = Decimal("0.0001")


@dataclass(slots=True)
class Held:
    """What is held of one employee: the score in force of each period, and the assessments that may be in force.

    `version` is that of the results which followed from it; 0: none was published.
    """

    version: int = 0
    scores: dict[Period, HeldScore] = field(default_factory=dict)
    assessments: list[HeldAssessment] = field(default_factory=list)

    def take_score(self, score_id: UUID, score: Score) -> Taken:
        """Let a score take effect. The same period again is a new version; the same content again is none."""
        change, held = performance.decide(self.scores.get(score.period), score_id, score)
        self.scores[score.period] = held
        return Taken(held.score_id, change, held.version)

    def take_assessment(self, assessment_id: UUID, assessment: TalentAssessment) -> Taken:
        """Let an assessment take effect. The same day again is a new version of the parts that it has."""
        of_day = [one for one in self.assessments if one.assessment.assessed_on == assessment.assessed_on]
        change, held = talent_assessments.decide(of_day, assessment_id, assessment)
        if change is not Change.UNCHANGED:
            self.assessments.append(held)
        return Taken(held.assessment_id, change, held.version)


def state_of(
    employee_id: UUID,
    scores: Collection[HeldScore],
    assessments: Collection[HeldAssessment],
    *,
    version: int,
) -> AssessmentState:
    """The state from the score in force of each period and the assessments among which the parts in force are.

    Which of the periods count, and how, is for the talent policy to say: nothing is dropped but what is too old.
    """
    return AssessmentState(
        version=version,
        employee_id=employee_id,
        performance=_performance(scores),
        competency=_competency(in_force(assessments, MeasuredPart.JPM)),
        potential=_potential(in_force(assessments, MeasuredPart.POTENTIAL)),
    )


def rests_on(state: AssessmentState, measurement_ids: Collection[UUID]) -> bool:
    """Whether any of these measurements is in the state: one just added that is not has changed nothing in it.

    It is older than the horizon, or another is in force in its place.
    """
    return (
        any(score.score_id in measurement_ids for score in state.performance)
        or (state.competency is not None and state.competency.assessment_id in measurement_ids)
        or (state.potential is not None and state.potential.assessment_id in measurement_ids)
    )


def _performance(scores: Collection[HeldScore]) -> tuple[Performance, ...]:
    if not scores:
        return ()
    newest = max(_month_of(held.score.period.ends_on) for held in scores)
    within = [held for held in scores if newest - _month_of(held.score.period.ends_on) < HORIZON_MONTHS]
    within.sort(key=lambda held: (held.score.period.ends_on, held.score.period.starts_on), reverse=True)
    return tuple(_performance_of(held) for held in within)


def _month_of(day: date) -> int:
    # Periods are whole months, so that months are all that the horizon has to count.
    return day.year * 12 + day.month


def _performance_of(held: HeldScore) -> Performance:
    score = held.score
    return Performance(
        score_id=held.score_id,
        period_kind=score.period.kind,
        starts_on=score.period.starts_on,
        ends_on=score.period.ends_on,
        hasil=score.hasil,
        perilaku=score.perilaku,
        predikat=score.predikat,
        score_version=held.version,
    )


def _competency(held: HeldAssessment | None) -> Competency | None:
    if held is None or held.assessment.jpm is None:
        return None
    return Competency(
        assessment_id=held.assessment_id,
        jpm=held.assessment.jpm.quantize(_PLACES),
        category=jpm_category(held.assessment.jpm),
        assessed_on=held.assessment.assessed_on,
        valid_until=held.assessment.valid_until,
    )


def _potential(held: HeldAssessment | None) -> Potential | None:
    if held is None or held.assessment.potential is None:
        return None
    return Potential(
        assessment_id=held.assessment_id,
        score=held.assessment.potential.quantize(_PLACES),
        category=potential_category(held.assessment.potential),
        assessed_on=held.assessment.assessed_on,
        valid_until=held.assessment.valid_until,
    )
