"""Figures and how they are judged. Pure: no clock, no server."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import ceil, log
from statistics import linear_regression, median
from typing import Any, Final

Figures = Sequence[float]

_SIGNIFICANT: Final = 4


def percentile(values: Figures, share: float) -> float:
    """The smallest value that at least `share` (0..1) of all do not exceed (nearest rank). Raises ValueError."""
    if not values:
        raise ValueError("a percentile of nothing")
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def quantiles(values: Figures) -> dict[str, float]:
    """p50, p90 and p99, and how many there were."""
    return {
        "p50": significant(percentile(values, 0.5)),
        "p90": significant(percentile(values, 0.9)),
        "p99": significant(percentile(values, 0.99)),
        "count": len(values),
    }


def flat(repeats: Sequence[Figures]) -> list[float]:
    """The values of all repeats."""
    return list(chain.from_iterable(repeats))


def slope(sizes: Figures, costs: Figures) -> float:
    """Of costs against sizes on logarithmic axes: 0 is flat, 1 grows as fast as the size. At least two sizes."""
    return linear_regression([log(one) for one in sizes], [log(one) for one in costs]).slope


def significant(number: float) -> float:
    """To four digits: more would pretend a precision that no such measurement has."""
    return float(f"{number:.{_SIGNIFICANT}g}")


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure must reach, in words, and as a bound: of the ratio to the floor, else of the figure itself."""

    words: str
    at_most: float | None = None
    at_least: float | None = None
    of_ratio: bool = True

    def met_by(self, figure: float, ratio: float | None) -> bool:
        """Whether the bound holds. A bound of the ratio is not met without a floor."""
        judged = ratio if self.of_ratio else figure
        if judged is None:
            return False
        return (self.at_most is None or judged <= self.at_most) and (
            self.at_least is None or judged >= self.at_least
        )


_NONE: Final = Limit("none", at_most=0.0, of_ratio=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result. `repeats` are the figures of the single repeats, `floors` those of the floor.

    `load` is the machine's load average of the last minute when the row was done, `load_before` when it was begun:
    above the number of cores, somebody else may have been at work too. `others_before` is what others were seen to
    take before its chapter, in percent of a core. Without a limit the row only informs.
    """

    name: str
    unit: str
    figure: float
    repeats: Figures
    load: float
    floor: float | None = None
    floors: Figures = ()
    limit: Limit | None = None
    details: dict[str, Any] = field(default_factory=dict)
    load_before: float | None = None
    others_before: float | None = None

    @classmethod
    def of(
        cls,
        name: str,
        unit: str,
        repeats: Figures,
        floors: Figures = (),
        *,
        load: float,
        limit: Limit | None = None,
        details: dict[str, Any] | None = None,
    ) -> "Row":
        """The medians of the repeats stand for the row."""
        floor = median(floors) if floors else None
        return cls(name, unit, median(repeats), repeats, load, floor, floors, limit, details or {})

    @property
    def ratio(self) -> float | None:
        """Figure over floor."""
        return self.figure / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """None where nothing is asked for."""
        return self.limit.met_by(self.figure, self.ratio) if self.limit else None

    def as_json(self) -> dict[str, Any]:
        """The form of results.json."""
        return {
            "name": self.name,
            "unit": self.unit,
            "figure": significant(self.figure),
            "floor": None if self.floor is None else significant(self.floor),
            "ratio": None if self.ratio is None else significant(self.ratio),
            "target": self.limit.words if self.limit else None,
            "met": self.met,
            "spread": {
                "repeats": [significant(one) for one in self.repeats],
                "floors": [significant(one) for one in self.floors],
            },
            "load_average": round(self.load, 2),
            "load_average_before": None if self.load_before is None else round(self.load_before, 2),
            "others_percent_of_a_core_before": None
            if self.others_before is None
            else round(self.others_before, 1),
            "details": self.details,
        }


def failed(what: str, error: Exception, *, load: float) -> Row:
    """A row that is missed, in the place of figures that could not be taken."""
    why = f"{type(error).__name__}: {error}"[:500]
    return Row.of(f"{what} could not be measured", "failure", [1.0], load=load, limit=_NONE, details={"why": why})
