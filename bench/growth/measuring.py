"""Rank read, board read and fold at every size, and how steeply each grows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bench.client import Client
from bench.figures import Limit, Row, percentile, significant, slope
from bench.growth.folding import PEOPLE, fold_milliseconds
from bench.installation import Bench
from bench.machine import load_average
from bench.reading.filling import somebody
from bench.reading.ranks import milliseconds, rank_row
from bench.reading.serving import reporting_of
from bench.sizes import Point
from deploy.local.progress import say

RANK: Final = Limit("≤ 2 × floor, all scopes in one answer", at_most=2.0)
FLAT: Final = Limit("flat: ≤ 1.25 × that of the fewest", at_most=1.25)
COSTS: Final[Mapping[str, str]] = {
    "rank_ms": "ranks of one person",
    "board_ms": "board",
    "fold_ms": f"fold of {PEOPLE} people",
}
"""What is drawn, by its name among the details of a row."""


async def measure_growth(bench: Bench) -> list[Row]:
    """One row a size, one for how flat ranks are, and one a cost that tells its slope."""
    rows: list[Row] = []
    for point in bench.sizes.growth:
        rows += await _at(bench, point, crowded=point == bench.sizes.growth[-1])
    sized = [row for row in rows if "employees" in row.details]
    fewest, most = sized[0], max(sized, key=lambda row: row.details["employees"])
    name = f"rank among {most.details['employees']:,} beside {fewest.details['employees']:,}, each over its floor"
    flatness = Row.of(name, "× floor", _over(most), _over(fewest), load=load_average(), limit=FLAT)
    return [*rows, flatness, *_slopes(sized)]


async def _at(bench: Bench, point: Point, *, crowded: bool) -> list[Row]:
    people, regions = point
    async with reporting_of(bench, people=people, regions=regions) as reporting:
        ids = await somebody(reporting.database_url, bench.sizes.rank_reads, in_large_unit=False)
        name = f"rank of one among {people:,} in {regions} regions, p50"
        row = await rank_row(bench, reporting, name, ids, RANK)
        async with Client(reporting.url) as client:
            boards = await milliseconds(client, [client.get("/v1/boards/merit")] * bench.sizes.rank_reads)
        folds = await fold_milliseconds(reporting.database_url, bench.sizes.folds)
        row.details.update(
            employees=people,
            regions=regions,
            rank_ms=significant(row.figure),
            board_ms=significant(percentile(boards, 0.5)),
            fold_ms=significant(percentile(folds, 0.5)),
        )
        say(f"{people:,} in {regions}: board {row.details['board_ms']} ms, fold {row.details['fold_ms']} ms")
        if not crowded:
            return [row]
        ids = await somebody(reporting.database_url, bench.sizes.rank_reads, in_large_unit=True)
        name = f"the same among {people:,}, in a unit of up to 10,000"
        return [row, await rank_row(bench, reporting, name, ids, None)]


def _over(row: Row) -> list[float]:
    return [figure / floor for figure, floor in zip(row.repeats, row.floors, strict=True)]


def _slopes(sized: Sequence[Row]) -> list[Row]:
    """For each number of regions that there are several sizes with."""
    return [
        Row.of(
            f"growth of {what} with the employees, {regions} regions (0 flat, 1 as they)",
            "",
            [slope([one["employees"] for one in sizes], [one[cost] for one in sizes])],
            load=load_average(),
        )
        for regions, sizes in by_regions(sized).items()
        if len(sizes) > 1
        for cost, what in COSTS.items()
    ]


def by_regions(rows: Sequence[Row]) -> dict[int, list[dict[str, Any]]]:
    """The details of all rows that are of a size, by the number of regions, each from few employees to many."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if "employees" in row.details and "regions" in row.details:
            found.setdefault(row.details["regions"], []).append(row.details)
    return {regions: sorted(sizes, key=lambda one: one["employees"]) for regions, sizes in found.items()}
