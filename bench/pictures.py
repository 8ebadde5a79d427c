"""The pictures of docs/performance/."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Final

from bench.drawing import Axis, Points, around, lines, shares_below
from bench.figures import Row, flat
from bench.freshness.measuring import IN_ALL, Freshness
from bench.growth.measuring import COSTS, by_regions
from bench.least.budget import TIMES_THE_FLOOR, WORDS, Budget
from bench.sizes import Sizes

_COST_STEP: Final = 10
"""So that a tenth of an axis is a whole number of milliseconds."""
_SHARE: Final = Axis("share of scores, %", 0, 100, logarithmic=False)


def draw_freshness(folder: Path, measured: Freshness, sizes: Sizes) -> None:
    """How many scores are visible after which time, beside the floor; and the same of each hop."""
    folder.mkdir(parents=True, exist_ok=True)
    watched, quiet, floor = flat(measured.watched), measured.quiet.watched, flat(measured.floors)
    low, high = around([*watched, *quiet, *floor, IN_ALL.at_most or 1.0])
    drawn = lines(
        "Freshness: from the score to box and regional rank over HTTP",
        Axis("milliseconds", low, high),
        _SHARE,
        {
            f"Talenta, {sizes.rate} scores/s": shares_below(watched),
            f"Talenta, {sizes.quiet_rate} scores/s": shares_below(quiet),
            f"floor: bare chain, {sizes.rate}/s": shares_below(floor),
        },
        marked=IN_ALL.at_most,
    )
    (folder / "freshness.svg").write_text(drawn)
    (folder / "hops.svg").write_text(_hops(measured))


def draw_growth(folder: Path, rows: Sequence[Row]) -> None:
    """Cost against employees, a line a cost and number of regions; no picture of fewer than two sizes."""
    sized = {regions: sizes for regions, sizes in by_regions(rows).items() if len(sizes) > 1}
    if not sized:
        return
    folder.mkdir(parents=True, exist_ok=True)
    series = {
        f"{what}, {regions} regions": [(one["employees"], one[cost]) for one in sizes]
        for cost, what in COSTS.items()
        for regions, sizes in sized.items()
    }
    places = [place for points in series.values() for place in points]
    drawn = lines(
        "Growth: what a read and a fold cost",
        Axis("employees", *around([employees for employees, _ in places])),
        Axis("milliseconds, p50", *around([cost for _, cost in places])),
        series,
    )
    (folder / "growth.svg").write_text(drawn)


def draw_budget(folder: Path, rows: Sequence[Row]) -> None:
    """p99 against what a score costs in the least chain, and where the services stand; none if not measured."""
    budget = Budget.of(rows)
    if budget is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    series: dict[str, Points] = {
        f"bare, {words}": [(point.cost, point.p99) for point in budget.curve(gathers=gathers)]
        for gathers, words in WORDS.items()
    }
    series |= {words: [(cost, p99)] for words, (cost, p99, _) in budget.others.items()}
    places = [place for points in series.values() for place in points]
    most = _COST_STEP * ceil(max(cost for cost, _ in places) / _COST_STEP)
    series[f"{TIMES_THE_FLOOR:.0f} × floor"] = [(0.0, budget.bound), (most, budget.bound)]
    drawn = lines(
        "Budget: how late a score is with what it costs",
        Axis("ms of the processor a score, all processes", 0, most, logarithmic=False),
        Axis("p99, milliseconds", *around([budget.bound, *(p99 for _, p99 in places)])),
        series,
    )
    (folder / "budget.svg").write_text(drawn)


def _hops(measured: Freshness) -> str:
    hops = measured.hops
    shown = {
        "accepted → results published": hops["results"],
        "→ box computed": hops["computed"],
        "→ talents published": hops["talents"],
        "→ standing folded": hops["folded"],
        "→ read over HTTP": hops["visible"],
    }
    positive = {name: [max(value, 0.1) for value in values] for name, values in shown.items()}
    low, high = around([value for values in positive.values() for value in values])
    return lines(
        "The hops of a score",
        Axis("milliseconds", low, high),
        _SHARE,
        {name: shares_below(values) for name, values in positive.items()},
    )
