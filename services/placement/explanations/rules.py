"""What an axis was made from, and how many points the next box is away, and what could bring them. Pure.

Each component carries what was found, its score (0..100) and its weight in percent, so that anybody can add the
axis up by hand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal, NamedTuple
from uuid import UUID

from services.placement.nine_box.rules import box_of, level
from services.placement.performance.rules import mean_of_periods
from services.placement.policies.rules import CutOffs, TalentPolicy, XAxis, YesNo
from services.placement.policies.rules import Experience as ExperienceClause
from services.placement.potential.rules import (
    Measured,
    Qualified,
    mean,
    mean_of,
    measure,
    score_of_answer,
    score_of_education,
    score_of_integrity,
    scores_of_experience,
)
from services.placement.talents.rules import Evaluation
from shared.asn.predikat import Predikat
from shared.events.assessment import AssessmentState
from shared.events.profile import Experience
from shared.shown import Text

_HUNDRED: Final = Decimal(100)
_TOP: Final = 2
_AXES: Final = {
    "x": Text(id="potensial (X)", en="potential (X)"),
    "y": Text(id="kinerja (Y)", en="performance (Y)"),
}
_PREDIKAT: Final = {
    Predikat.SANGAT_BAIK: "Sangat Baik",
    Predikat.BAIK: "Baik",
    Predikat.BUTUH_PERBAIKAN: "Butuh Perbaikan",
    Predikat.KURANG: "Kurang",
    Predikat.SANGAT_KURANG: "Sangat Kurang",
}


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


class Component(NamedTuple):
    """A component of an axis: `score` (0..100) counts with `weight` percent; parts share the weight equally.

    `found` is the raw value that was scored, None where there is no record of one. `source` says where it comes
    from: the id of a talent assessment, or a service.
    """

    item: str
    weight: Decimal
    score: Decimal | None
    found: str | None
    source: UUID | str | None = None
    parts: tuple["Component", ...] = ()

    @property
    def points(self) -> Decimal | None:
        """What it adds to the axis, 0..100; None without a score."""
        return None if self.score is None else self.weight * self.score / _HUNDRED

    @property
    def missing(self) -> tuple[str, ...]:
        """The items without a record: this one, or those among its parts."""
        if self.parts:
            return tuple(name for part in self.parts for name in part.missing)
        return (self.item,) if self.found is None else ()


@dataclass(frozen=True, slots=True)
class Gain:
    """The most that one change could add to an axis (points), and whether that alone reaches the next cut."""

    code: str
    points: Decimal
    suffices: bool
    text: Text


@dataclass(frozen=True, slots=True)
class Step:
    """The way to the next column (axis x) or row (axis y): `missing` points to the cut, then `box`."""

    axis: Literal["x", "y"]
    box: int
    cut: Decimal
    missing: Decimal
    gains: tuple[Gain, ...]
    text: Text


def next_steps(result: Evaluation, policy: TalentPolicy, components: Sequence[Component]) -> tuple[Step, ...]:
    """One step along each axis that is not at its top yet; `components` are those of x.

    Without a box there is no step: `no_box_reasons` say what is needed first.
    """
    if result.x is None or result.y is None:
        return ()
    row, column = level(result.y, policy.y.cut_offs), level(result.x, policy.x.cut_offs)
    steps = []
    if column < _TOP:
        cut = _next_cut(column, policy.x.cut_offs)
        gains = tuple(_gains_of_x(components, policy.x, cut - result.x))
        steps.append(_step("x", box_of(row, column + 1), cut, cut - result.x, gains))
    if row < _TOP:
        cut = _next_cut(row, policy.y.cut_offs)
        gains = tuple(_gains_of_y(result, policy, cut))
        steps.append(_step("y", box_of(row + 1, column), cut, cut - result.y, gains))
    return tuple(steps)


def _next_cut(place: int, cut_offs: CutOffs) -> Decimal:
    return (cut_offs.middle, cut_offs.top)[place]


def _step(axis: Literal["x", "y"], box: int, cut: Decimal, missing: Decimal, gains: tuple[Gain, ...]) -> Step:
    name = _AXES[axis]
    text = Text(
        id=f"Untuk masuk kotak {box}, nilai {name.id} masih kurang {missing} poin dari batas {cut}",
        en=f"To reach box {box}, {name.en} lacks {missing} points to the cut of {cut}",
    )
    return Step(axis, box, cut, missing, gains, text)


def _gains_of_x(components: Sequence[Component], axis: XAxis, missing: Decimal) -> Iterator[Gain]:
    """The components that could score higher, most points first. Integrity is none: no effort clears a record."""
    best = _best_scores(axis)
    room = {
        part.item: part.weight * (best[part.item] - part.score) / _HUNDRED
        for part in components
        if part.score is not None and part.item in best
    }
    for item, points in sorted(room.items(), key=lambda entry: (-entry[1], entry[0])):
        if points > 0:
            yield _gain(item, ITEMS[Item(item)], points, suffices=points >= missing)


def _best_scores(axis: XAxis) -> dict[str, Decimal]:
    """The highest score (0..100) that the policy gives each component."""
    experience = axis.experience
    caps = {"competency": axis.potential_competency.jpm_cap, "potential": _HUNDRED}
    return {
        Item.POTENTIAL_COMPETENCY: mean([caps[measure] for measure in axis.potential_competency.measures]),
        Item.EDUCATION: max(axis.education.values()),
        Item.FIELD_MATCH: axis.field_match.yes,
        Item.DEVELOPMENT: axis.development.yes,
        Item.EXPERIENCE: mean(
            [
                max(band.score for band in experience.years),
                max(experience.variety.values()),
                experience.substance.yes,
            ],
        ),
    }


def _gains_of_y(result: Evaluation, policy: TalentPolicy, cut: Decimal) -> Iterator[Gain]:
    """What one more period would add to y, for every predikat that raises it, the best first."""
    kept = [period.score for period in result.performance.periods][: policy.y.periods.latest - 1]
    for predikat, score in sorted(policy.y.predikat.items(), key=lambda entry: -entry[1]):
        y = mean_of_periods([score, *kept])
        if result.y is not None and y > result.y:
            name = Text(
                id=f"Predikat {_PREDIKAT[predikat]} pada periode berikutnya",
                en=f"Predikat {_PREDIKAT[predikat]} in the next period",
            )
            yield _gain(f"next_period.{predikat}", name, y - result.y, suffices=y >= cut)


def _gain(code: str, name: Text, points: Decimal, *, suffices: bool) -> Gain:
    shown = f"{points:.4f}"
    enough = Text(id="cukup", en="enough") if suffices else Text(id="belum cukup", en="not enough")
    return Gain(
        code=code,
        points=points,
        suffices=suffices,
        text=Text(
            id=f"{name.id}: menambah paling banyak {shown} poin, {enough.id} untuk batas berikutnya",
            en=f"{name.en}: adds {shown} points at most, {enough.en} for the next cut",
        ),
    )


def potential_components(
    employee: Qualified, assessment: AssessmentState | None, axis: XAxis, on: date
) -> tuple[Component, ...]:
    """The components of the x axis; their points add up to it."""
    weights, education = axis.weights, employee.education
    integrity, record = score_of_integrity(employee.discipline, axis.integrity, on)
    return (
        _measured(measure(assessment, axis.potential_competency, on), weights.potential_competency),
        Component(Item.EDUCATION, weights.education, score_of_education(education, axis), education, "profile"),
        _answer(Item.FIELD_MATCH, weights.field_match, employee.field_match, axis.field_match),
        _answer(Item.DEVELOPMENT, weights.development, employee.development, axis.development),
        _experience(employee.experience, axis.experience, weights.experience),
        Component(Item.INTEGRITY, weights.integrity, integrity, record, "profile"),
    )


def _measured(measured: Sequence[Measured], weight: Decimal) -> Component:
    whole = mean_of(measured)
    return Component(
        Item.POTENTIAL_COMPETENCY,
        weight,
        whole,
        None if whole is None else str(whole),
        parts=tuple(_part(each, weight / len(measured)) for each in measured),
    )


def _part(measured: Measured, share: Decimal) -> Component:
    found = measured.found
    if found is None:
        return Component(measured.name, share, None, None)
    return Component(measured.name, share, measured.score, str(found.number), found.assessment_id)


def _answer(item: Item, weight: Decimal, answer: bool | None, clause: YesNo) -> Component:  # noqa: FBT001  # a field
    found = None if answer is None else ("yes" if answer else "no")
    return Component(item, weight, score_of_answer(answer, clause), found, "profile")


def _experience(experience: Experience, clause: ExperienceClause, weight: Decimal) -> Component:
    scores = scores_of_experience(experience, clause)
    share = weight / len(scores)
    years = None if experience.years is None else str(experience.years)
    parts = (
        Component(Item.EXPERIENCE_YEARS, share, scores[0], years, "profile"),
        Component(Item.EXPERIENCE_VARIETY, share, scores[1], experience.variety, "profile"),
        _answer(Item.EXPERIENCE_SUBSTANCE, share, experience.substance, clause.substance),
    )
    score = mean(scores)
    return Component(Item.EXPERIENCE, weight, score, str(score), parts=parts)


def period_components(result: Evaluation) -> tuple[Component, ...]:
    """The periods that count, as components of the y axis with equal weights."""
    periods = result.performance.periods
    return tuple(
        Component(
            item=f"period.{period.performance.starts_on}.{period.performance.ends_on}",
            weight=_HUNDRED / len(periods),
            score=period.score,
            found=period.performance.predikat,
            source=f"performance-score/{period.performance.score_id}",
        )
        for period in periods
    )
