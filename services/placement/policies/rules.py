"""A talent policy as data, and which one is in force where and when. Pure, but for reading the shipped policies.

Source: PermenPANRB 3/2020 fixes the box map nationally, but neither weights nor cut-offs: each instansi sets its
own. So a policy is an immutable, versioned document, and every result names the one it was computed by. All bounds
are lower bounds of half-open intervals, so no score falls between two bands.
"""

import calendar
import hashlib
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.asn.education import EducationLevel
from shared.asn.employment import DisciplineLevel
from shared.asn.experience import ExperienceVariety
from shared.asn.predikat import Predikat
from shared.asn.region import RegionCode
from shared.events.assessment import PeriodKind
from shared.shown import Number, Text

POLICY_ID: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
EVERYWHERE: Final = "*"
"""The region of the provincial default."""
SHIPPED: Final = Path(__file__).parent / "shipped"
_HUNDRED: Final = Decimal(100)
_DAY: Final = timedelta(days=1)
_LAST_BUT_ONE: Final = date.max - _DAY


Points = Annotated[Number, Field(ge=0, le=100)]
"""A score or weight, 0..100."""


class _Clause(BaseModel):
    """A part of a policy: immutable, and refused with a field that no rule knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CutOffs(_Clause):
    """Where an axis is cut: `[0, middle)` is low, `[middle, top)` middle, `[top, 100]` top."""

    middle: Points
    top: Points

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.middle < self.top:
            raise ValueError("middle must lie below top")
        return self


class Band(_Clause):
    """`score` from `at_least` years up to where the next band begins."""

    at_least: Annotated[Number, Field(ge=0)]
    score: Points


class YesNo(_Clause):
    """Scores of a yes-or-no item; unknown counts as no."""

    yes: Points
    no: Points


class Weights(_Clause):
    """Weights of the X axis in percent; they add up to 100."""

    potential_competency: Points
    education: Points
    field_match: Points
    development: Points
    experience: Points
    integrity: Points

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(dict(self).values()) != _HUNDRED:
            raise ValueError("the weights of an axis add up to 100")
        return self


class PotentialCompetency(_Clause):
    """Mean of the named measures, each valid for `valid_months` at most; JPM counts up to `jpm_cap`."""

    measures: tuple[Literal["competency", "potential"], ...] = Field(min_length=1)
    valid_months: int = Field(gt=0)
    jpm_cap: Points


class Experience(_Clause):
    """Mean of three items: years in posts (by bands), variety, and substance of the post."""

    years: tuple[Band, ...] = Field(min_length=1)
    variety: Mapping[ExperienceVariety, Points]
    substance: YesNo

    @model_validator(mode="after")
    def _complete(self) -> Self:
        bounds = [band.at_least for band in self.years]
        if bounds[0] != 0 or bounds != sorted(set(bounds)):
            raise ValueError("bands of years start at 0 and ascend")
        if set(self.variety) != set(ExperienceVariety):
            raise ValueError("every variety has a score")
        return self

    @cached_property
    def year_bounds(self) -> list[Decimal]:
        return [band.at_least for band in self.years]

    @cached_property
    def lowest_variety(self) -> Decimal:
        """What an unknown variety gets."""
        return min(self.variety.values())

    def score_of_years(self, years: Decimal) -> Decimal:
        """The score of the band in which `years` lies."""
        return self.years[max(bisect_right(self.year_bounds, years), 1) - 1].score


class Integrity(_Clause):
    """By the worst punishment (hukdis) that was not annulled; one that is being served counts as `serving`."""

    clean: Points
    by_level: Mapping[DisciplineLevel, Points]
    serving: Points

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if set(self.by_level) != set(DisciplineLevel):
            raise ValueError("every level of punishment has a score")
        return self


class XAxis(_Clause):
    """Potential: what is weighed and how each item is scored. A missing item gets its lowest score."""

    weights: Weights
    potential_competency: PotentialCompetency
    education: Mapping[EducationLevel, Points] = Field(min_length=1)
    field_match: YesNo
    development: YesNo
    experience: Experience
    integrity: Integrity
    cut_offs: CutOffs

    @cached_property
    def lowest_education(self) -> Decimal:
        """What a level outside the scheme, or none at all, gets."""
        return min(self.education.values())


class Periods(_Clause):
    """Which appraisal periods count: the `latest` of these kinds that ended within so many months."""

    kinds: tuple[PeriodKind, ...] = Field(min_length=1)
    latest: int = Field(gt=0)
    within_months: int = Field(gt=0)


class YAxis(_Clause):
    """Performance: the number of each predikat, the periods that count, and where their mean is cut."""

    predikat: Mapping[Predikat, Points]
    periods: Periods
    cut_offs: CutOffs

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if set(self.predikat) != set(Predikat):
            raise ValueError("every predikat has a number")
        return self


class RecentPunishment(_Clause):
    """Punishments of these levels are a veto for so many months from the day on which they were imposed."""

    levels: tuple[DisciplineLevel, ...]
    months: int = Field(gt=0)


class Gates(_Clause):
    """Conditions of the pool. What a policy leaves out is no condition."""

    active_kedudukan_hukum: tuple[str, ...] = Field(min_length=1)
    pppk_eligible: bool
    serving_punishment_vetoes: bool
    recent_punishment: RecentPunishment | None = None
    months_to_retirement: int | None = Field(default=None, gt=0)


class ValueWeights(_Clause):
    """The weights (percent) of x and y in the talent value; they add up to 100."""

    x: Points
    y: Points

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.x + self.y != _HUNDRED:
            raise ValueError("the weights of the talent value add up to 100")
        return self


class TalentPolicy(_Clause):
    """One version of a talent policy. `basis` names its sources, `notes` say how open points are read."""

    policy_id: str = Field(pattern=POLICY_ID, max_length=60, examples=["talenta-default-1"])
    title: Text
    basis: tuple[str, ...]
    notes: tuple[Text, ...]
    x: XAxis
    y: YAxis
    value: ValueWeights
    gates: Gates


@lru_cache(maxsize=64)
def parse_policy(document: str) -> TalentPolicy:
    """The policy in a JSON document. Remembered by its text, since policies never change."""
    return TalentPolicy.model_validate_json(document)


def shipped_document(policy_id: str) -> str:
    """The JSON document of a policy that comes with the code."""
    return (SHIPPED / f"{policy_id}.json").read_text()


def fingerprint(document: str) -> str:
    """SHA-256 of a policy document, whatever its spacing and order of fields."""
    canonical = json.dumps(json.loads(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Term:
    """From `effective_from` until the next term of the same region begins, `policy` is in force there."""

    region: RegionCode | Literal["*"]
    effective_from: date
    policy: TalentPolicy


class NoPolicyInForceError(LookupError):
    """A region has no policy of its own on that day, and there is no default either."""


class Terms:
    """All terms of all regions: answers which policy is in force."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._by_region: dict[str, list[Term]] = defaultdict(list)
        for term in sorted(terms, key=lambda term: term.effective_from):
            self._by_region[term.region].append(term)

    def in_force(self, region: str, on: date) -> TalentPolicy:
        """The region's own policy on that day, else the default. Raises NoPolicyInForceError without either."""
        for place in (region, EVERYWHERE):
            for term in reversed(self._by_region.get(place, ())):
                if term.effective_from <= on:
                    return term.policy
        raise NoPolicyInForceError(f"no talent policy in force for {region} on {on}")


@lru_cache(maxsize=4096)
def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a month that is too short. Negative goes back.

    Never leaves the calendar: sources write its first or last day where they do not know the day.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if not MINYEAR <= year <= MAXYEAR:
        return date.min if year < MINYEAR else date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_after(day: date) -> date:
    """The next day; the calendar's last has none, and stays."""
    return min(day, _LAST_BUT_ONE) + _DAY
