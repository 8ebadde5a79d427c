"""The pictures of docs/performance/."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.drawing import Axis, around, lines, shares_below
from bench.figures import Row, flat
from bench.freshness.measuring import IN_ALL, Freshness
from bench.growth.measuring import COSTS, by_regions
from bench.sizes import Sizes

_SHARE: Final = Axis("share of scores, %", 0, 100, logarithmic=False)


def draw_freshness(folder: Path, measured: Freshness, sizes: Sizes) -> None:
    """How many scores are visible after which time, beside the floor; and the same of each hop."""
    folder.mkdir(parents=True, exist_ok=True)
    watched, floor = flat(measured.watched), flat(measured.floors)
    low, high = around([*watched, *measured.quiet, *floor, IN_ALL.at_most or 1.0])
    drawn = lines(
        "Freshness: from the score to box and regional rank over HTTP",
        Axis("milliseconds", low, high),
        _SHARE,
        {
            f"Talenta, {sizes.rate} scores/s": shares_below(watched),
            f"Talenta, {sizes.quiet_rate} scores/s": shares_below(measured.quiet),
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


def _hops(measured: Freshness) -> str:
    shown = {
        "accepted → results published": measured.hops["results"],
        "→ box computed": measured.hops["computed"],
        "→ talents published": measured.hops["talents"],
        "→ standing folded": measured.hops["folded"],
        "→ read over HTTP": measured.hops["visible"],
    }
    positive = {name: [max(value, 0.1) for value in values] for name, values in shown.items()}
    low, high = around([value for values in positive.values() for value in values])
    return lines(
        "The hops of a score",
        Axis("milliseconds", low, high),
        _SHARE,
        {name: shares_below(values) for name, values in positive.items()},
    )
