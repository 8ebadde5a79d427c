"""What must follow for a synthetic person, from the inputs alone, by the services' own pure rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final
from uuid import UUID

from deploy.demo.population.measuring import Assessment, Rating
from deploy.demo.population.people import Person, Population
from services.assessment.performance.rules import period_of, settle_predikat
from services.assessment.talent_assessments.rules import jpm_category, potential_category, validity_of
from services.placement.policies.rules import TalentPolicy, parse_policy, shipped_document
from services.placement.talents.rules import EmployeeInput, Evaluation, evaluate
from shared.events.assessment import AssessmentState, Competency, Performance, PeriodKind, Potential
from shared.events.profile import Experience, Post

Amendments = Mapping[int, tuple[Rating, Rating]]
"""By index of a person: the ratings that stand instead of those of the population."""

_UNSEEN: Final = UUID(int=0)
"""Ids of sources: no number hangs on them."""


@cache
def policy() -> TalentPolicy:
    """The provincial default, which is in force in all 36 governments."""
    return parse_policy(shipped_document("talenta-default-1"))


def employee_of(person: Person) -> EmployeeInput:
    """What placement keeps of this employee."""
    return EmployeeInput(
        kind=person.kind,
        region=person.region,
        unit_id=person.unit_id,
        post=Post(title=person.title, level=person.level, eselon=person.eselon, since=person.since),
        kedudukan_hukum=person.kedudukan_hukum,
        retires_on=person.retires_on,
        education=person.education,
        field_match=person.field_match,
        development=person.development,
        experience=Experience(years=person.years, variety=person.variety, substance=person.substance),
        discipline=person.discipline,
    )


def assessment_of(ratings: tuple[Rating, Rating], measured: Assessment) -> AssessmentState:
    """What assessment says of somebody who was rated and measured so."""
    valid_until = validity_of(measured.assessed_on, None, on=measured.assessed_on)
    potential = None
    if measured.potential is not None:
        potential = Potential(
            assessment_id=_UNSEEN,
            score=measured.potential,
            category=potential_category(measured.potential),
            assessed_on=measured.assessed_on,
            valid_until=valid_until,
        )
    return AssessmentState(
        version=1,
        employee_id=_UNSEEN,
        performance=tuple(_performance(rating) for rating in reversed(ratings)),
        competency=Competency(
            assessment_id=_UNSEEN,
            jpm=measured.jpm,
            category=jpm_category(measured.jpm),
            assessed_on=measured.assessed_on,
            valid_until=valid_until,
        ),
        potential=potential,
    )


def _performance(rating: Rating) -> Performance:
    period = period_of(PeriodKind.YEARLY, rating.year, None, on=date(rating.year, 12, 31))
    return Performance(
        score_id=_UNSEEN,
        period_kind=period.kind,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        hasil=rating.hasil,
        perilaku=rating.perilaku,
        predikat=settle_predikat(rating.hasil, rating.perilaku, None),
        score_version=1,
    )


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that was sent: the population, and the scores of some people that were sent after it."""

    population: Population
    amendments: Amendments

    def talent(self, person: Person, on: date) -> Evaluation:
        """What must follow for `person` on a day."""
        ratings = self.amendments.get(person.index, person.ratings)
        return evaluate(employee_of(person), assessment_of(ratings, person.assessment), policy(), on)
