"""X: how much potential somebody has, from assessments, qualification and integrity (domain §1.5, §2.1).

Each component carries what was found, its score 0..100 and its weight, so that x can be added up again by hand:
x = Σ weight × score / 100, rounded once to four decimals, half up.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from services.placement.policies.rules import Experience as ExperienceClause
from services.placement.policies.rules import (
    Integrity,
    PotentialCompetency,
    Text,
    XAxis,
    YesNo,
    day_after,
    months_after,
)
from shared.asn.education import EducationLevel
from shared.events.assessment import AssessmentState, Competency, Potential
from shared.events.profile import Discipline, Experience

FOUR_PLACES: Final = Decimal("0.0001")
_HUNDRED: Final = Decimal(100)


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


class Item(StrEnum):
    """Components of X, and the parts of those that are means."""

    POTENTIAL_COMPETENCY = "potential_competency"
    COMPETENCY = "competency"
    POTENTIAL = "potential"
    EDUCATION = "education"
    FIELD_MATCH = "field_match"
    DEVELOPMENT = "development"
    EXPERIENCE = "experience"
    EXPERIENCE_YEARS = "experience_years"
    EXPERIENCE_VARIETY = "experience_variety"
    EXPERIENCE_SUBSTANCE = "experience_substance"
    INTEGRITY = "integrity"


class Gap(StrEnum):
    """Why a measure of potential or competency does not count."""

    COMPETENCY_MISSING = "competency_missing"
    COMPETENCY_EXPIRED = "competency_expired"
    POTENTIAL_MISSING = "potential_missing"
    POTENTIAL_EXPIRED = "potential_expired"


ITEMS: Final = {
    Item.POTENTIAL_COMPETENCY: Text(id="Potensi dan kompetensi", en="Potential and competency"),
    Item.COMPETENCY: Text(id="Kompetensi (JPM)", en="Competency (JPM)"),
    Item.POTENTIAL: Text(id="Potensi", en="Potential"),
    Item.EDUCATION: Text(id="Pendidikan formal", en="Formal education"),
    Item.FIELD_MATCH: Text(id="Kesesuaian bidang ilmu", en="Field of study fits the post"),
    Item.DEVELOPMENT: Text(id="Pengembangan kompetensi", en="Competency development"),
    Item.EXPERIENCE: Text(id="Pengalaman jabatan", en="Experience in posts"),
    Item.EXPERIENCE_YEARS: Text(id="Lama pengalaman jabatan", en="Years of experience in posts"),
    Item.EXPERIENCE_VARIETY: Text(id="Keragaman pengalaman jabatan", en="Variety of experience in posts"),
    Item.EXPERIENCE_SUBSTANCE: Text(id="Substansi pengalaman jabatan", en="Substance of experience in posts"),
    Item.INTEGRITY: Text(id="Integritas dan moralitas", en="Integrity and morality"),
}
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


class Component(NamedTuple):
    """`score` 0..100 counts with `weight` percent of the axis, a part equally with its neighbours.

    `found` is the raw value that was scored, None where there is no record of one; `source` the id of the talent
    assessment that it comes from, or the service.
    """

    item: str
    weight: Decimal
    score: Decimal | None
    found: str | None
    source: UUID | str | None = None
    parts: tuple["Component", ...] = ()

    @property
    def points(self) -> Decimal | None:
        """What it adds to the axis."""
        return None if self.score is None else self.weight * self.score / _HUNDRED

    @property
    def missing(self) -> tuple[str, ...]:
        """Items without a record: itself, or those of its parts."""
        if self.parts:
            return tuple(name for part in self.parts for name in part.missing)
        return (self.item,) if self.found is None else ()


class PotentialScore(NamedTuple):
    """`x` is None when `gaps` says why. From `changes_on` on it may be different, if nothing else happens."""

    x: Decimal | None
    components: tuple[Component, ...]
    gaps: tuple[Gap, ...]
    changes_on: tuple[date, ...]


class Qualification(NamedTuple):
    """What the axis takes from the employee's record alone. From `changes_on` on it may be different."""

    components: tuple[Component, ...]
    changes_on: tuple[date, ...]


def score_potential(
    employee: Qualified, assessment: AssessmentState | None, axis: XAxis, on: date
) -> PotentialScore:
    """X of an employee on a day."""
    return weigh(assessment, qualify(employee, axis, on), axis, on)


def weigh(
    assessment: AssessmentState | None, qualification: Qualification, axis: XAxis, on: date
) -> PotentialScore:
    """X from what was measured and the qualification on the same day."""
    weight = axis.weights.potential_competency
    measured, gaps, expiries = _measure(assessment, axis.potential_competency, weight, on)
    components = (measured, *qualification.components)
    x = None if gaps else total(components)
    return PotentialScore(x, components, gaps, (*expiries, *qualification.changes_on))


def qualify(employee: Qualified, axis: XAxis, on: date) -> Qualification:
    """All components but the measured one, on a day."""
    weights = axis.weights
    education = employee.education
    components = (
        Component(
            Item.EDUCATION,
            weights.education,
            axis.lowest_education if education is None else axis.education.get(education, axis.lowest_education),
            education,
            "profile",
        ),
        _yes_or_no(Item.FIELD_MATCH, weights.field_match, employee.field_match, axis.field_match),
        _yes_or_no(Item.DEVELOPMENT, weights.development, employee.development, axis.development),
        _experience(employee.experience, axis.experience, weights.experience),
        _integrity(employee.discipline, axis.integrity, weights.integrity, on),
    )
    return Qualification(components, tuple(_turns(employee.discipline, on)))


def total(components: Sequence[Component]) -> Decimal:
    """The axis of components that all have a score."""
    points = sum((part.weight * part.score for part in components if part.score is not None), Decimal())
    return (points / _HUNDRED).quantize(FOUR_PLACES, ROUND_HALF_UP)


def mean(scores: Sequence[Decimal]) -> Decimal:
    """Unrounded: an axis is rounded once, at its end."""
    return sum(scores, Decimal()) / len(scores)


def _measure(
    assessment: AssessmentState | None,
    clause: PotentialCompetency,
    weight: Decimal,
    on: date,
) -> tuple[Component, tuple[Gap, ...], tuple[date, ...]]:
    parts: list[Component] = []
    gaps: list[Gap] = []
    expiries: list[date] = []
    share = weight / len(clause.measures)
    for name in clause.measures:
        measure: Competency | Potential | None = getattr(assessment, name, None)
        gap, changes_on = _validity(name, measure, clause.valid_months, on)
        if gap:
            gaps.append(gap)
        if changes_on:
            expiries.append(changes_on)
        if measure is None:
            parts.append(Component(name, share, None, None))
            continue
        if isinstance(measure, Competency):
            value, score = measure.jpm, min(measure.jpm, clause.jpm_cap)
        else:
            value = score = measure.score
        parts.append(Component(name, share, None if gap else score, str(value), measure.assessment_id))
    scores = [part.score for part in parts if part.score is not None]
    whole = mean(scores) if len(scores) == len(parts) else None
    found = None if whole is None else str(whole)
    component = Component(Item.POTENTIAL_COMPETENCY, weight, whole, found, parts=tuple(parts))
    return component, tuple(gaps), tuple(expiries)


def _validity(
    name: str,
    measure: Competency | Potential | None,
    months: int,
    on: date,
) -> tuple[Gap | None, date | None]:
    """Why the measure does not count, and when that changes by itself."""
    if measure is None:
        return Gap(f"{name}_missing"), None
    if on < measure.assessed_on:
        return Gap(f"{name}_missing"), measure.assessed_on
    expires_on = day_after(min(measure.valid_until, months_after(measure.assessed_on, months)))
    return (None, expires_on) if on < expires_on else (Gap(f"{name}_expired"), None)


def _yes_or_no(item: Item, weight: Decimal, answer: bool | None, clause: YesNo) -> Component:  # noqa: FBT001  # a field
    found = None if answer is None else ("yes" if answer else "no")
    return Component(item, weight, clause.yes if answer else clause.no, found, "profile")


def _experience(experience: Experience, clause: ExperienceClause, weight: Decimal) -> Component:
    years, variety = experience.years, experience.variety
    share = weight / 3
    parts = (
        Component(
            Item.EXPERIENCE_YEARS,
            share,
            clause.years[0].score if years is None else clause.score_of_years(years),
            None if years is None else str(years),
            "profile",
        ),
        Component(
            Item.EXPERIENCE_VARIETY,
            share,
            clause.lowest_variety if variety is None else clause.variety[variety],
            variety,
            "profile",
        ),
        _yes_or_no(Item.EXPERIENCE_SUBSTANCE, share, experience.substance, clause.substance),
    )
    score = mean([part.score for part in parts if part.score is not None])
    return Component(Item.EXPERIENCE, weight, score, str(score), parts=parts)


def _integrity(discipline: Sequence[Discipline], clause: Integrity, weight: Decimal, on: date) -> Component:
    begun = [punishment for punishment in discipline if not punishment.annulled and punishment.imposed_on <= on]
    if any(is_served(punishment, on) for punishment in begun):
        return Component(Item.INTEGRITY, weight, clause.serving, "serving", "profile")
    score, level = min(
        ((clause.by_level[punishment.level], punishment.level) for punishment in begun),
        default=(clause.clean, None),
    )
    return Component(Item.INTEGRITY, weight, score, level or "clean", "profile")


def is_served(punishment: Discipline, on: date) -> bool:
    """Whether it is being served on that day; `until` is its last day, without one it is over at once."""
    return punishment.until is not None and punishment.imposed_on <= on <= punishment.until


def _turns(discipline: Sequence[Discipline], on: date) -> Iterator[date]:
    """Days on which a punishment begins or has been served."""
    for punishment in discipline:
        if not punishment.annulled:
            if on < punishment.imposed_on:
                yield punishment.imposed_on
            elif is_served(punishment, on) and punishment.until:
                yield day_after(punishment.until)
