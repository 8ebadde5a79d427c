"""What is missing to the next box: on each axis the points to the next cut, and what could give them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from services.placement.nine_box.rules import box_of, level
from services.placement.performance.rules import mean_of_periods
from services.placement.policies.rules import CutOffs, TalentPolicy, Text, XAxis
from services.placement.potential.rules import ITEMS, Component, Item, mean
from services.placement.talents.rules import Evaluation
from shared.asn.predikat import Predikat

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


@dataclass(frozen=True, slots=True)
class Gain:
    """What one change could add to an axis at most, and whether that alone is enough for the next cut."""

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


def next_steps(result: Evaluation, policy: TalentPolicy) -> tuple[Step, ...]:
    """One step for each axis that is not at its top. Without a box none: `no_box_reasons` say what comes first."""
    if result.x is None or result.y is None:
        return ()
    row, column = level(result.y, policy.y.cut_offs), level(result.x, policy.x.cut_offs)
    steps = []
    if column < _TOP:
        cut = _next_cut(column, policy.x.cut_offs)
        gains = tuple(_gains_of_x(result, policy.x, cut - result.x))
        steps.append(_step("x", box_of(row, column + 1), cut, cut - result.x, gains))
    if row < _TOP:
        cut = _next_cut(row, policy.y.cut_offs)
        gains = tuple(_gains_of_y(result, policy, cut))
        steps.append(_step("y", box_of(row + 1, column), cut, cut - result.y, gains))
    return tuple(steps)


def _next_cut(place: int, cut_offs: CutOffs) -> Decimal:
    return (cut_offs.middle, cut_offs.top)[place]


def _step(axis: Literal["x", "y"], box: int, cut: Decimal, missing: Decimal, gains: tuple[Gain, ...]) -> Step:
    name = (
        Text(id="potensial (X)", en="potential (X)")
        if axis == "x"
        else Text(id="kinerja (Y)", en="performance (Y)")
    )
    text = Text(
        id=f"Untuk masuk kotak {box}, nilai {name.id} masih kurang {missing} poin dari batas {cut}",
        en=f"To reach box {box}, {name.en} lacks {missing} points to the cut of {cut}",
    )
    return Step(axis, box, cut, missing, gains, text)


def _gains_of_x(result: Evaluation, axis: XAxis, missing: Decimal) -> Iterator[Gain]:
    """Components with room above them, widest first. Integrity is left out: nobody can add to a clean record."""
    best = _best_scores(axis)
    room = {
        part.item: part.weight * (best[part.item] - part.score) / _HUNDRED
        for part in result.potential.components
        if part.score is not None and part.item in best
    }
    for item, points in sorted(room.items(), key=lambda entry: (-entry[1], entry[0])):
        if points > 0:
            yield _gain(item, ITEMS[Item(item)], points, suffices=points >= missing)


def _best_scores(axis: XAxis) -> dict[str, Decimal]:
    """The highest score that each component can have by the policy."""
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
    """What the predikat of one more period would do, best first, as far as it lifts y."""
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


def period_components(result: Evaluation) -> tuple[Component, ...]:
    """The periods that count, in the form of components of the axis."""
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
