"""Rules of talent assessments: categories of job person match and potential, validity. Pure; time is an input.

Sources: competency and potential are measured by assessment centre, Pasal 17 of PermenPANRB 3/2020 as amended by
PermenPANRB 20/2025. The three bands of the job person match (JPM: the individual's levels by the post's standard
levels, in percent) and of the potential score, and the three years of validity, are those that government bodies
apply in practice; no article that fixes them nationally is known to us.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from services.assessment.submissions.rules import Change, RefusedError

MOST_JPM: Final = Decimal(100)
"""JPM counts up to here; sources that do not cap it are kept as they are (138.89 has been seen)."""
VALID_YEARS: Final = 3


class JpmCategory(StrEnum):
    """Category of a job person match, best first."""

    MEMENUHI_SYARAT = "MS"
    MASIH_MEMENUHI_SYARAT = "MMS"
    KURANG_MEMENUHI_SYARAT = "KMS"


class PotentialCategory(StrEnum):
    """Category of a potential score, best first."""

    OPTIMAL = "OPTIMAL"
    CUKUP_OPTIMAL = "CUKUP_OPTIMAL"
    KURANG_OPTIMAL = "KURANG_OPTIMAL"


_JPM_BANDS: Final = (
    (Decimal(80), JpmCategory.MEMENUHI_SYARAT),
    (Decimal(68), JpmCategory.MASIH_MEMENUHI_SYARAT),
)
_POTENTIAL_BANDS: Final = (
    (Decimal(90), PotentialCategory.OPTIMAL),
    (Decimal(78), PotentialCategory.CUKUP_OPTIMAL),
)


@dataclass(frozen=True, slots=True)
class TalentAssessment:
    """What one assessment measured: `jpm` in percent as measured, `potential` 0..100, at least one of them.

    `valid_until` is the last day on which it counts.
    """

    assessed_on: date
    valid_until: date
    jpm: Decimal | None = None
    potential: Decimal | None = None
    document: str | None = None

    @property
    def measured(self) -> str:
        """What the assessment is of: another of the same day takes the place of the parts it has."""
        return str(self.assessed_on)


class HeldAssessment(NamedTuple):
    """An assessment that took effect; of one day the highest `version` that has a part is in force for it."""

    assessment_id: UUID
    version: int
    assessment: TalentAssessment


class MeasuredPart(StrEnum):
    """The two things that an assessment may measure, named as its fields."""

    JPM = "jpm"
    POTENTIAL = "potential"

    def of(self, assessment: TalentAssessment) -> Decimal | None:
        """The value of this part, None where it was not measured."""
        return assessment.jpm if self is MeasuredPart.JPM else assessment.potential


def in_force(held: Collection[HeldAssessment], part: MeasuredPart) -> HeldAssessment | None:
    """The assessment whose `part` counts: of the newest day that has one, the highest version that has one."""
    if not held:
        return None  # most employees have never been assessed
    having = (one for one in held if part.of(one.assessment) is not None)
    return max(having, key=lambda one: (one.assessment.assessed_on, one.version), default=None)


def decide(
    held_of_day: Collection[HeldAssessment], assessment_id: UUID, assessment: TalentAssessment
) -> tuple[Change, HeldAssessment]:
    """What an assessment changes, and the newest version of its day then.

    One whose every part is in force already changes nothing.
    """
    newest = max(held_of_day, key=lambda one: one.version, default=None)
    if newest is None:
        return Change.CREATED, HeldAssessment(assessment_id, 1, assessment)
    if says_the_same(held_of_day, assessment):
        return Change.UNCHANGED, newest
    return Change.UPDATED, HeldAssessment(assessment_id, newest.version + 1, assessment)


def says_the_same(held_of_day: Collection[HeldAssessment], new: TalentAssessment) -> bool:
    """Whether all that `new` measured is in force already; a part that it leaves out says nothing."""
    return all(_same_part(in_force(held_of_day, part), new, part) for part in MeasuredPart)


def _same_part(held: HeldAssessment | None, new: TalentAssessment, part: MeasuredPart) -> bool:
    if part.of(new) is None:
        return True
    return held is not None and (
        part.of(held.assessment) == part.of(new)
        and held.assessment.valid_until == new.valid_until
        and held.assessment.document == new.document
    )


def jpm_category(jpm: Decimal) -> JpmCategory:
    """MS from 80, MMS from 68, else KMS; half-open bands, on the value capped at 100."""
    capped = min(jpm, MOST_JPM)
    return next(
        (category for bound, category in _JPM_BANDS if capped >= bound), JpmCategory.KURANG_MEMENUHI_SYARAT
    )


def potential_category(score: Decimal) -> PotentialCategory:
    """Optimal from 90, cukup optimal from 78, else kurang optimal; half-open bands."""
    return next(
        (category for bound, category in _POTENTIAL_BANDS if score >= bound), PotentialCategory.KURANG_OPTIMAL
    )


def validity_of(assessed_on: date, valid_until: date | None, *, on: date) -> date:
    """The last day of validity: as given, else the same day three years later (29 February: the 28th).

    Raises RefusedError when the assessment lies after `on`, or its validity ends before it began.
    """
    if assessed_on > on:
        raise RefusedError(
            "/assessed_on",
            "assessed_in_future",
            "tanggal asesmen belum tiba",
            "the day of the assessment has not come",
        )
    if valid_until is None:
        return _years_later(assessed_on, VALID_YEARS)
    if valid_until < assessed_on:
        raise RefusedError(
            "/valid_until",
            "validity_before_assessment",
            "masa berlaku berakhir sebelum tanggal asesmen",
            "the validity ends before the day of the assessment",
        )
    return valid_until


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
