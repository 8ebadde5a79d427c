"""A score import over HTTP, from the first request to a board that is exact, beside its floor."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.bulk.expecting import Tallies, expected_tallies, is_exact
from bench.bulk.floor import BulkFloor
from bench.bulk.sending import Batch, ScoreFile, send_all
from bench.client import Client
from bench.figures import Limit, Row, significant
from bench.installation import Bench
from bench.machine import load_average
from bench.people import population_of
from bench.usage import Processor, in_milliseconds
from deploy.demo.installation.stored import Stored
from deploy.demo.population.people import Population
from deploy.demo.recomputation.expected import assessment_of
from deploy.local.processes import Child
from deploy.local.progress import say

AGAINST_FLOOR: Final = Limit("≥ 1/4 of the floor", at_least=0.25)
_LOOK_EVERY: Final = 0.1
_PATIENCE: Final = 600.0


@dataclass(frozen=True, slots=True)
class Import:
    """Seconds until every row was answered, and until the board was exact."""

    rows: int
    answered: float
    exact: float

    @property
    def events_a_second(self) -> float:
        return self.rows / self.exact


async def measure_bulk(bench: Bench, services: Sequence[Child]) -> list[Row]:
    """Floor and import by turns, on the same servers; the services run and hold the population."""
    sizes = bench.sizes
    population = population_of(sizes.employees)
    floor = await _prepared_floor(bench, population, sizes.bulk_rows)
    floors, imports, costs = [], [], []
    installation = bench.demonstration()
    turns = range(sizes.bulk_turn, sizes.bulk_turn + sizes.bulk_repeats)
    file = ScoreFile(population)
    file.prepare(turns)
    async with bench.client("assessment") as client, Stored(installation.databases) as stored:
        for turn in turns:
            expected = expected_tallies(population, turn)
            floors.append(await floor.events_a_second())
            processor = Processor([*bench.stack.children, *services])
            imports.append(await _import(client, stored, file.batches(turn), expected))
            costs.append({name: spent / imports[-1].rows for name, spent in processor.seconds().items()})
            _say(imports[-1], floors[-1])
    row = Row.of(
        f"bulk: import of {sizes.bulk_rows:,} scores over HTTP to an exact board",
        "events/s",
        [one.events_a_second for one in imports],
        floors,
        load=load_average(),
        limit=AGAINST_FLOOR,
        details={
            "rows": sizes.bulk_rows,
            "accepted_over_http_per_second": [significant(one.rows / one.answered) for one in imports],
            "bulk_ms_per_score": in_milliseconds(costs),
        },
    )
    return [row]


async def _prepared_floor(bench: Bench, population: Population, count: int) -> BulkFloor:
    floor = BulkFloor(
        await bench.fresh_database("bench_floor"),
        bench.stack.kafka_bootstrap_servers,
        bench.stack.kafka_namespace,
    )
    somebody = population.person(0)
    await floor.produce(assessment_of(somebody.ratings, somebody.assessment), count)
    # The first time inserts rows; what is measured then updates them, as an import does.
    await floor.events_a_second()
    return floor


def _say(one: Import, floor: float) -> None:
    say(
        f"bulk: {one.rows:,} rows answered after {one.answered:.1f} s, exact after {one.exact:.1f} s "
        f"({one.events_a_second:,.0f} events/s); floor {floor:,.0f} events/s"
    )


async def _import(client: Client, stored: Stored, batches: Iterable[Batch], expected: Tallies) -> Import:
    """Send them as an integrator would, and wait for all that follows."""
    sent: list[int] = []
    began = time.perf_counter()
    await send_all(client, batches, sent.append)
    answered = time.perf_counter() - began
    await _until_exact(stored, expected)
    return Import(sum(sent), answered, time.perf_counter() - began)


async def _until_exact(stored: Stored, expected: Tallies) -> None:
    """Raises TimeoutError where that does not come."""
    until = time.monotonic() + _PATIENCE
    while not await is_exact(stored, expected):
        if time.monotonic() > until:
            raise TimeoutError("the board did not become exact")
        await asyncio.sleep(_LOOK_EVERY)
