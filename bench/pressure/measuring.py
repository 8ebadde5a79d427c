"""An import as an integrator sends it, with single scores posted in between and watched over HTTP."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import mean
from typing import Final

from bench.bulk.importing import AGAINST_FLOOR
from bench.bulk.sending import Batch, ScoreFile, send_all
from bench.client import Client
from bench.figures import Figures, Limit, Row, flat, percentile, quantiles, significant
from bench.installation import Bench
from bench.machine import load_average
from bench.people import population_of
from bench.pressure.singles import single_scores
from deploy.demo.installation.stored import Stored
from deploy.local.progress import say

FRESH: Final = Limit("p99 ≤ 1 s during an import", at_most=1_000, of_ratio=False)
WINDOWS: Final = 5
"""Of one long import: as many repeats, without as many imports."""
_SINGLES: Final = 20
"""A second."""
_LOOK_EVERY: Final = 0.2
_PATIENCE: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Pressed:
    """One long import, in windows of equal length from its first request to when all had arrived.

    `visible`: window by window, milliseconds from when a single score was due until box and rank could be read.
    `imported`: rows a second that were answered in each window, of which the last holds what was still on its way.
    """

    visible: list[list[float]]
    imported: list[float]
    refused: int

    def rows(self, count: int, floors: Figures = ()) -> list[Row]:
        """`floors` are those of the imports without single scores in between."""
        windows = f"in {WINDOWS} windows of one import of {count:,}"
        name = f"single score {windows}: due → box and regional rank over HTTP, p99"
        details = quantiles(flat(self.visible)) | {"refused": self.refused}
        load = load_average()
        limit = AGAINST_FLOOR if floors else None
        repeats = [percentile(one, 0.99) for one in self.visible if one]
        over_all = {"rows_a_second_in_all": significant(mean(self.imported))}
        return [
            Row.of(name, "ms", repeats, load=load, limit=FRESH, details=details),
            Row.of(
                f"the import of {count:,} meanwhile, in {WINDOWS} windows",
                "events/s",
                self.imported,
                floors,
                load=load,
                limit=limit,
                details=over_all,
            ),
        ]


def windows_of(
    moments: Sequence[tuple[float, float]], began: float, ended: float
) -> list[list[tuple[float, float]]]:
    """Rows that begin with a moment, by the window of `began` … `ended` that it falls into."""
    windows: list[list[tuple[float, float]]] = [[] for _ in range(WINDOWS)]
    for row in moments:
        place = int((row[0] - began) / (ended - began) * WINDOWS)
        windows[min(max(place, 0), WINDOWS - 1)].append(row)
    return windows


async def measure_pressure(bench: Bench, rows: int, *, turn: int) -> Pressed:
    """The services run and hold the population of the bench; `turn` and those behind it were not yet.

    `rows` are as many times two scores of everybody as fit, once at least.
    """
    population = population_of(bench.sizes.employees)
    turns = range(turn, turn + passes_of(rows, population.total))
    file = ScoreFile(population)
    file.prepare(turns)
    answered: list[tuple[float, float]] = []
    async with (
        single_scores(bench) as singles,
        bench.client("assessment") as client,
        Stored(bench.demonstration().databases) as stored,
    ):
        batches = chain.from_iterable(map(file.batches, turns))
        began = time.time()
        importing = asyncio.create_task(_import(client, stored, batches, answered))
        visible = await singles.until(importing, turns.stop, rate=_SINGLES)
    ended = importing.result()
    length = (ended - began) / WINDOWS
    pressed = Pressed(
        [[took for _, took in window] for window in windows_of(visible, began, ended)],
        [sum(rows for _, rows in window) / length for window in windows_of(answered, began, ended)],
        singles.scoring.refused,
    )
    say(f"pressure: {quantiles(flat(pressed.visible))} ms; {mean(pressed.imported):,.0f} rows/s")
    return pressed


def passes_of(rows: int, employees: int) -> int:
    """How many times two scores of everybody are at most `rows`; once at least."""
    return max(1, rows // (2 * employees))


async def _import(
    client: Client, stored: Stored, batches: Iterable[Batch], answered: list[tuple[float, float]]
) -> float:
    """Returns when all had arrived at the end of the chain, since 1970.

    `answered` gets a moment and a number of scores for each batch.
    """
    until = time.monotonic() + _PATIENCE
    await send_all(client, batches, lambda scores: answered.append((time.time(), scores)))
    while await stored.on_the_way():
        if time.monotonic() > until:
            raise TimeoutError("the import did not arrive")
        await asyncio.sleep(_LOOK_EVERY)
    return time.time()
