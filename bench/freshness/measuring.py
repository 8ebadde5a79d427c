"""Freshness beside its floor, turn by turn."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean
from typing import Final

from bench.figures import Limit, Row, flat, percentile, quantiles, significant
from bench.freshness.floor import bare_chain
from bench.freshness.hops import Starts, hops_of, summary
from bench.freshness.scoring import NEVER, WATCHED, Scoring
from bench.installation import Bench
from bench.machine import load_average
from bench.people import ids_of, population_of, spread_over
from bench.sizes import Sizes
from bench.usage import Processor, in_milliseconds
from deploy.local.processes import Child
from deploy.local.progress import say

AGAINST_FLOOR: Final = Limit("p99 ≤ 3 × floor p99", at_most=3.0)
_QUIET: Final = 1
"""The turn at the quiet rate."""
IN_ALL: Final = Limit("p99 ≤ 100 ms on two quiet cores", at_most=100.0, of_ratio=False)


@dataclass
class Freshness:
    """All that was measured, in milliseconds: what is watched over HTTP, the floor, and every hop."""

    watched: list[list[float]] = field(default_factory=list)
    floors: list[list[float]] = field(default_factory=list)
    hops: dict[str, list[float]] = field(default_factory=dict)
    costs: list[dict[str, float]] = field(default_factory=list)
    """Seconds of the processor for one score, by process, repeat by repeat."""
    client: list[float] = field(default_factory=list)
    """Seconds of the processor that the bench's own client took for one score, repeat by repeat."""
    quiet: list[float] = field(default_factory=list)
    """What is watched over HTTP at the quiet rate."""
    refused: int = 0
    load: float = 0.0

    def rows(self, sizes: Sizes) -> list[Row]:
        """The row against the floor, the one against the clock, and one at the quiet rate."""
        name = f"freshness at {sizes.rate} scores/s: score due → box and regional rank over HTTP, p99"
        if lost := sum(one == NEVER for one in flat(self.watched)):
            name += f" ({lost} of {len(flat(self.watched)):,} never seen, counted as {NEVER / 1000:.0f} s)"
        quiet = f"the same at {sizes.quiet_rate} scores/s"
        details = {
            "visible_over_http": quantiles(flat(self.watched)),
            "floor": quantiles(flat(self.floors)),
            "refused": self.refused,
            "hops": summary(self.hops),
            "processor_ms_per_score": in_milliseconds(self.costs),
            "client_ms_per_score": significant(mean(self.client) * 1000),
            "rate": sizes.rate,
        }
        repeats = [percentile(one, 0.99) for one in self.watched]
        floors = [percentile(one, 0.99) for one in self.floors]
        return [
            Row.of(name, "ms", repeats, floors, load=self.load, limit=AGAINST_FLOOR, details=details),
            Row.of("the same, in all", "ms", repeats, load=self.load, limit=IN_ALL),
            Row.of(quiet, "ms", [percentile(self.quiet, 0.99)], load=self.load, details=quantiles(self.quiet)),
        ]


async def measure_freshness(bench: Bench, services: Sequence[Child]) -> Freshness:
    """Floor and services by turns on the same servers; the services run and hold the population."""
    sizes = bench.sizes
    population = population_of(sizes.employees)
    people = spread_over(population, sizes.scored)
    floor_url = await bench.fresh_database("bench_floor")
    measured = Freshness()
    async with (
        bench.client("assessment") as assessment,
        bench.client("placement", "province_operator") as placement,
        bench.client("reporting", "province_operator") as reporting,
    ):
        scoring = Scoring(assessment, placement, reporting, await ids_of(bench, people), population.on.year - 1)
        # One turn first that does not count: connections, plans and caches are those of a running service.
        for turn in range(sizes.bulk_turn):
            floor = await bare_chain(
                floor_url,
                bench.stack.kafka_bootstrap_servers,
                bench.stack.kafka_namespace,
                rate=sizes.rate,
                count=round(sizes.rate * sizes.floor_seconds),
            )
            starts = await Starts.of(bench)
            rate = sizes.quiet_rate if turn == _QUIET else sizes.rate
            count = min(len(people), round(rate * sizes.freshness_seconds))
            processor, began = Processor([*bench.stack.children, *services]), time.process_time()
            scores = await scoring.run(people, turn, rate=rate, count=count)
            client = (time.process_time() - began) / max(1, count)
            costs = {name: taken / max(1, len(scores)) for name, taken in processor.seconds().items()}
            hops = await hops_of(bench, scores, starts)
            # Every fifth of those that were not taken would have been watched.
            hops["total"] += [NEVER] * ((count - len(scores)) // WATCHED)
            if turn == _QUIET:
                measured.quiet = hops["total"]
            elif turn > _QUIET:
                measured.costs.append(costs)
                measured.client.append(client)
                _note(measured, floor, hops)
        measured.refused = scoring.refused
    measured.load = load_average()
    return measured


def _note(measured: Freshness, floor: list[float], hops: dict[str, list[float]]) -> None:
    measured.floors.append(floor)
    measured.watched.append(hops["total"])
    for name, values in hops.items():
        measured.hops.setdefault(name, []).extend(values)
    ours, bare = quantiles(hops["total"]), quantiles(floor)
    say(f"freshness ms: p50 {ours['p50']}, p99 {ours['p99']}; floor p50 {bare['p50']}, p99 {bare['p99']}")
