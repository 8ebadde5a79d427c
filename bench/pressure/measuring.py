"""An import as an integrator sends it, with single scores posted in between and watched over HTTP."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import inf
from typing import Any, Final

from bench.bulk.importing import AGAINST_FLOOR, rows_of
from bench.figures import Figures, Limit, Row, percentile, quantiles
from bench.freshness.scoring import NEVER, Score, Scoring
from bench.installation import Bench
from bench.machine import load_average
from bench.people import ids_of, population_of, spread_over
from deploy.demo.installation.api import Api
from deploy.demo.installation.stored import Stored
from deploy.demo.population.people import Person, Population
from deploy.local.progress import say

FRESH: Final = Limit("p99 ≤ 1 s during an import", at_most=1_000, of_ratio=False)
_A_BATCH: Final = 1_000
_IN_FLIGHT: Final = 3
_SINGLES: Final = 20
"""A second."""
_MOST_SINGLES: Final = 20_000
_LOOK_EVERY: Final = 0.2
_PATIENCE: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Pressed:
    """Milliseconds from when a single score was due until box and rank could be read; rows a second to the end."""

    visible: list[float]
    refused: int
    rows_a_second: float

    def rows(self, count: int, floors: Figures = ()) -> list[Row]:
        """`floors` are those of the imports without single scores in between."""
        name = f"single score during an import of {count:,}: due → box and regional rank over HTTP, p99"
        details = quantiles(self.visible) | {"refused": self.refused}
        load = load_average()
        limit = AGAINST_FLOOR if floors else None
        meanwhile = f"the import of {count:,} meanwhile (once)"
        return [
            Row.of(name, "ms", [percentile(self.visible, 0.99)], load=load, limit=FRESH, details=details),
            Row.of(meanwhile, "events/s", [self.rows_a_second], floors, load=load, limit=limit),
        ]


async def measure_pressure(bench: Bench, rows: int, *, turn: int) -> Pressed:
    """The services run and hold the population of the bench; `turn` and those behind it were not yet.

    `rows` are as many times two scores of everybody as fit, once at least.
    """
    population = population_of(bench.sizes.employees)
    passes = passes_of(rows, population.total)
    people = spread_over(population, min(population.total, _MOST_SINGLES))
    installation = bench.demonstration()
    async with (
        bench.client("assessment") as assessment,
        bench.client("placement", "province_operator") as placement,
        bench.client("reporting", "province_operator") as reporting,
        Api(installation) as api,
        Stored(installation.databases) as stored,
    ):
        scoring = Scoring(assessment, placement, reporting, await ids_of(bench, people), population.on.year - 1)
        turns = range(turn, turn + passes)
        began = time.time()
        importing = asyncio.create_task(_import(api, stored, population, turns))
        try:
            visible = await _single_scores(scoring, people, turns.stop, importing)
            taken = await importing - began
        finally:
            importing.cancel()
    pressed = Pressed(visible, scoring.refused, passes * 2 * population.total / taken)
    say(f"pressure: {quantiles(visible)} ms, {scoring.refused} refused; {pressed.rows_a_second:,.0f} rows/s")
    return pressed


def passes_of(rows: int, employees: int) -> int:
    """How many times two scores of everybody are at most `rows`; once at least."""
    return max(1, rows // (2 * employees))


async def _import(api: Api, stored: Stored, population: Population, turns: Sequence[int]) -> float:
    """Batches of 1,000, three at a time. Returns when all had arrived at the end of the chain, since 1970."""
    batches = _batches(chain.from_iterable(rows_of(population, turn) for turn in turns))

    async def carry() -> None:
        for batch in batches:
            await api.post_batch("assessment/v1/performance-scores:batch", "scores", batch)

    until = time.monotonic() + _PATIENCE
    await asyncio.gather(*(carry() for _ in range(_IN_FLIGHT)))
    while await stored.on_the_way():
        if time.monotonic() > until:
            raise TimeoutError("the import did not arrive")
        await asyncio.sleep(_LOOK_EVERY)
    return time.time()


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    while batch := list(islice(rows, _A_BATCH)):
        yield batch


async def _single_scores(
    scoring: Scoring, people: Sequence[Person], turn: int, importing: asyncio.Task[float]
) -> list[float]:
    """Single scores at a constant rate, a second's worth at a time, for as long as the import goes on."""
    scores: list[Score] = []
    for first in range(0, len(people), _SINGLES):
        scores += await scoring.run(people[first : first + _SINGLES], turn, rate=_SINGLES, count=_SINGLES)
        if importing.done():
            break
    ended = await importing
    return [_milliseconds(score) for score in scores if score.box_read and score.due < ended]


def _milliseconds(score: Score) -> float:
    if score.visible is None or score.visible == inf:
        return NEVER
    return (score.visible - score.due) * 1000
