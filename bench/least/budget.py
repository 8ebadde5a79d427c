"""How much of the processor a score may take until it is late: the least chain with work for nobody besides."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import mean, median
from typing import Any, Final

from bench.figures import Row, percentile, significant
from bench.freshness.measuring import AGAINST_FLOOR
from bench.freshness.scoring import WATCHED
from bench.least.running import Chain, Turn
from deploy.local.progress import say

_CARRIES: Final = {"placement-api": 1 / WATCHED, "placement-worker": 2, "reporting-api": 1 / WATCHED}
"""How often for one score, where not once: only what is watched is read; one worker takes in and passes on."""
ASKED_AT_ONCE: Final = "asked_ms_per_score"
ASKED_GATHERED: Final = "asked_gathered_ms_per_score"
FRAMED_AT_ONCE: Final = "framed_ms_per_score"
_OTHERS: Final = {
    ASKED_AT_ONCE: "all that is asked, at once",
    ASKED_GATHERED: "all that is asked, gathered",
    FRAMED_AT_ONCE: "all that is asked, APIs in FastAPI, at once",
    "together_ms_per_score": "Talenta, one process a service",
    "apart_ms_per_score": "Talenta, api and worker apart",
}
"""What stands beside the curves, by where its row keeps what a score costs."""
WORDS: Final = {False: "at once", True: "gathered"}
"""By whether relays gather."""
TIMES_THE_FLOOR: Final = AGAINST_FLOOR.at_most or 1.0


@dataclass(frozen=True, slots=True)
class Point:
    """What one manner came to, in milliseconds: `burden` was carried for a score, `cost` taken in all."""

    gathers: bool
    burden: float
    cost: float
    p50: float
    p99: float

    @classmethod
    def of(cls, turns: Sequence[Turn], burden: float, *, gathers: bool) -> "Point":
        """As in a row, the medians of the repeats stand for it."""
        cost = mean(sum(turn.costs.values()) for turn in turns) * 1000
        p50, p99 = (median(percentile(turn.hops["total"], share) for turn in turns) for share in (0.5, 0.99))
        return cls(gathers, burden, significant(cost), significant(p50), significant(p99))


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run has found: the points and their bound; beside them cost, p99 and ratio to its floor of others."""

    points: Sequence[Point]
    bound: float
    others: Mapping[str, tuple[float, float, float | None]]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Budget | None":
        least = next((row for row in rows if row.details.get("budget")), None)
        if least is None or least.floor is None:
            return None
        points = [Point(**point) for point in least.details["budget"]]
        others = {
            words: (sum(row.details[costs].values()), row.figure, row.ratio)
            for costs, words in _OTHERS.items()
            for row in rows
            if costs in row.details
        }
        return cls(points, TIMES_THE_FLOOR * least.floor, others)

    def curve(self, *, gathers: bool) -> list[Point]:
        """By burden."""
        return [point for point in self.points if point.gathers is gathers]


async def measure_budget(chain: Chain, own: Mapping[str, float], first: int) -> list[dict[str, Any]]:
    """The points, by turns; `own` is what processes took for a score without a burden, `first` the first turn."""
    sizes = chain.bench.sizes
    manners = [(gathers, burden) for gathers in (False, True) for burden in sizes.burdens]
    turns: dict[tuple[bool, float], list[Turn]] = {manner: [] for manner in manners}
    number, count = first, round(sizes.rate * sizes.burden_seconds)
    for _ in range(sizes.burden_repeats):
        for gathers, burden in manners:
            await chain.tell(burdens(own, burden / 1000), gathers=gathers)
            turns[gathers, burden].append(await chain.turn(number, count))
            number += 1
    points = [Point.of(turns[manner], manner[1], gathers=manner[0]) for manner in manners]
    for point in points:
        how = "gathered" if point.gathers else "at once"
        say(f"{how}, {point.burden} ms besides: {point.cost} ms a score, p50 {point.p50}, p99 {point.p99}")
    return [asdict(point) for point in points]


def burdens(own: Mapping[str, float], seconds: float) -> dict[str, float]:
    """What each process carries at a time so that all take `seconds` more for a score, in proportion to `own`."""
    whole = sum(own.values())
    return {name: seconds * taken / whole / _CARRIES.get(name, 1) for name, taken in own.items()}


def allowed(curve: Sequence[Point], bound: float) -> tuple[float, float] | None:
    """The burden and the cost at which a line through the points, by burden, first passes the bound.

    None where it begins above or stays below. What comes behind the first passing is not looked at.
    """
    if not curve or curve[0].p99 > bound:
        return None
    for one, more in pairwise(curve):
        if more.p99 > bound:
            share = (bound - one.p99) / (more.p99 - one.p99)
            return (
                one.burden + share * (more.burden - one.burden),
                one.cost + share * (more.cost - one.cost),
            )
    return None
