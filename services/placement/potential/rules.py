"""The X axis: how much potential somebody has, from assessments, qualification and integrity. Pure.

Sources: what is measured is that of PermenPANRB 3/2020 (Pasal 17 as amended by PermenPANRB 20/2025); no regulation
weighs it, so the policy does. x = Σ weight × score / 100, 0..100, rounded once to four decimals, half up.

This module yields the numbers alone, because every event asks for them; `explanations` shows, by the same
functions, what each was made from.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from services.placement.policies.rules import Experience as ExperienceClause
from services.placement.policies.rules import (
    Integrity,
    PotentialCompetency,
    XAxis,
    YesNo,
    day_after,
    months_after,
)
from shared.asn.education import EducationLevel
from shared.asn.employment import DisciplineLevel
from shared.events.profile import Discipline, Experience
from shared.shown import Text

_FOUR_PLACES: Final = Decimal("0.0001")
_HUNDRED: Final = Decimal(100)
_ZERO: Final = Decimal()


class Qualified(Protocol):
    """What the X axis needs to know of an employee."""

    @property
    def education(self) -> EducationLevel | None: ...
    @property
    def field_match(self) -> bool | None: ...
    @property
    def development(self) -> bool | None: ...
    @property
    def experience(self) -> Experience: ...
    @property
    def discipline(self) -> tuple[Discipline, ...]: ...


class Measure(Protocol):
    """What the X axis needs to know of a competency or a potential that was measured."""

    @property
    def assessment_id(self) -> UUID: ...
    @property
    def number(self) -> Decimal: ...
    @property
    def assessed_on(self) -> date: ...
    @property
    def valid_until(self) -> date: ...


class Measures(Protocol):
    """Both, by the names that a policy gives them."""

    @property
    def competency(self) -> Measure | None: ...
    @property
    def potential(self) -> Measure | None: ...


class Gap(StrEnum):
    """Why a measure of potential or competency does not count."""

    COMPETENCY_MISSING = "competency_missing"
    COMPETENCY_EXPIRED = "competency_expired"
    POTENTIAL_MISSING = "potential_missing"
    POTENTIAL_EXPIRED = "potential_expired"


GAPS: Final = {
    Gap.COMPETENCY_MISSING: Text(
        id="Belum ada penilaian kompetensi (JPM)",
        en="There is no competency assessment (JPM)",
    ),
    Gap.COMPETENCY_EXPIRED: Text(
        id="Penilaian kompetensi (JPM) sudah tidak berlaku",
        en="The competency assessment (JPM) is no longer valid",
    ),
    Gap.POTENTIAL_MISSING: Text(
        id="Belum ada penilaian potensi",
        en="There is no assessment of potential",
    ),
    Gap.POTENTIAL_EXPIRED: Text(
        id="Penilaian potensi sudah tidak berlaku",
        en="The assessment of potential is no longer valid",
    ),
}


class Measured(NamedTuple):
    """A measure by its name: what was found, and its score (0..100) where it counts, else the gap.

    On `changes_on` that changes by itself; None: only a new fact changes it.
    """

    name: str
    found: Measure | None
    score: Decimal | None
    gap: Gap | None
    changes_on: date | None


class PotentialScore(NamedTuple):
    """X on a day (0..100), None where `gaps` say why. On `changes_on` it may change by itself."""

    x: Decimal | None
    gaps: tuple[Gap, ...]
    changes_on: tuple[date, ...]


class Qualification(NamedTuple):
    """What the axis takes from the employee's record alone: weight × score of each item, 0..10,000.

    On `changes_on` it may change by itself.
    """

    weighted: tuple[Decimal, ...]
    changes_on: tuple[date, ...]


def score_potential(employee: Qualified, assessment: Measures | None, axis: XAxis, on: date) -> PotentialScore:
    """X of an employee on a day."""
    return weigh(assessment, qualify(employee, axis, on), axis, on)


def weigh(assessment: Measures | None, qualification: Qualification, axis: XAxis, on: date) -> PotentialScore:
    """X from what was measured and the qualification, both on the day `on`."""
    measured = measure(assessment, axis.potential_competency, on)
    gaps = tuple([each.gap for each in measured if each.gap])
    whole = mean_of(measured)
    x = None if whole is None else total((axis.weights.potential_competency * whole, *qualification.weighted))
    expiries = [each.changes_on for each in measured if each.changes_on]
    return PotentialScore(x, gaps, (*expiries, *qualification.changes_on))


def qualify(employee: Qualified, axis: XAxis, on: date) -> Qualification:
    """All items but potential and competency, on a day."""
    weights = axis.weights
    weighted = (
        weights.education * score_of_education(employee.education, axis),
        weights.field_match * score_of_answer(employee.field_match, axis.field_match),
        weights.development * score_of_answer(employee.development, axis.development),
        weights.experience * mean(scores_of_experience(employee.experience, axis.experience)),
        weights.integrity * score_of_integrity(employee.discipline, axis.integrity, on)[0],
    )
    return Qualification(weighted, tuple(_turns(employee.discipline, on)))


def total(weighted: Iterable[Decimal]) -> Decimal:
    """X from weight × score of every item: four decimals, half up."""
    return (sum(weighted, _ZERO) / _HUNDRED).quantize(_FOUR_PLACES, ROUND_HALF_UP)


def mean(scores: Sequence[Decimal]) -> Decimal:
    """Unrounded: an axis is rounded once, at its end."""
    return sum(scores, _ZERO) / len(scores)


def mean_of(measured: Sequence[Measured]) -> Decimal | None:
    """The mean of the measures; None where one of them does not count."""
    scores = [each.score for each in measured if each.score is not None]
    return mean(scores) if len(scores) == len(measured) else None


def measure(assessment: Measures | None, clause: PotentialCompetency, on: date) -> list[Measured]:
    """The measures that the clause names, in its order. JPM counts up to the cap of the policy."""
    return [_measured(name, getattr(assessment, name, None), clause, on) for name in clause.measures]


def _measured(name: str, found: Measure | None, clause: PotentialCompetency, on: date) -> Measured:
    if found is None:
        return Measured(name, None, None, Gap(f"{name}_missing"), None)
    if on < found.assessed_on:
        return Measured(name, found, None, Gap(f"{name}_missing"), found.assessed_on)
    expires_on = day_after(min(found.valid_until, months_after(found.assessed_on, clause.valid_months)))
    if on >= expires_on:
        return Measured(name, found, None, Gap(f"{name}_expired"), None)
    score = min(found.number, clause.jpm_cap) if name == "competency" else found.number
    return Measured(name, found, score, None, expires_on)


def score_of_education(level: EducationLevel | None, axis: XAxis) -> Decimal:
    """The score of a level, 0..100; one outside the scheme, or none at all, gets the lowest."""
    return axis.lowest_education if level is None else axis.education.get(level, axis.lowest_education)


def score_of_answer(answer: bool | None, clause: YesNo) -> Decimal:  # noqa: FBT001  # a field
    """The score of a yes-or-no item, 0..100; unknown counts as no."""
    return clause.yes if answer else clause.no


def scores_of_experience(experience: Experience, clause: ExperienceClause) -> tuple[Decimal, Decimal, Decimal]:
    """The scores of years, variety and substance, 0..100 each; what is unknown gets the lowest."""
    years, variety = experience.years, experience.variety
    return (
        clause.years[0].score if years is None else clause.score_of_years(years),
        clause.lowest_variety if variety is None else clause.variety[variety],
        score_of_answer(experience.substance, clause.substance),
    )


def score_of_integrity(
    discipline: Sequence[Discipline], clause: Integrity, on: date
) -> tuple[Decimal, DisciplineLevel | str]:
    """The score, 0..100, and what earned it: "clean", "serving", or the level that costs most."""
    begun = [punishment for punishment in discipline if not punishment.annulled and punishment.imposed_on <= on]
    if not begun:
        return clause.clean, "clean"
    if any(is_served(punishment, on) for punishment in begun):
        return clause.serving, "serving"
    return min((clause.by_level[punishment.level], punishment.level) for punishment in begun)


def is_served(punishment: Discipline, on: date) -> bool:
    """Whether the punishment is being served on a day. `until` is the last; without it nothing is served."""
    return punishment.until is not None and punishment.imposed_on <= on <= punishment.until


def _turns(discipline: Sequence[Discipline], on: date) -> Iterator[date]:
    """The days on which a punishment begins, or has been served."""
    for punishment in discipline:
        if not punishment.annulled:
            if on < punishment.imposed_on:
                yield punishment.imposed_on
            elif is_served(punishment, on) and punishment.until:
                yield day_after(punishment.until)
