"""Freshness beside its floor, turn by turn, with one process a service."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean
from typing import Final

from bench.figures import Limit, Row, flat, percentile, quantiles, significant
from bench.freshness.floor import bare_chain
from bench.freshness.hops import HOPS, summary
from bench.freshness.scoring import NEVER
from bench.freshness.turns import Turn, turns_of
from bench.installation import Bench
from bench.machine import load_average
from bench.sizes import Sizes
from bench.usage import in_milliseconds
from deploy.local.processes import Child
from deploy.local.progress import say

AGAINST_FLOOR: Final = Limit("p99 ≤ 3 × floor p99", at_most=3.0)
IN_ALL: Final = Limit("p99 ≤ 100 ms on two quiet cores", at_most=100.0, of_ratio=False)
_FIRST: Final = 0
"""The turn that does not count: connections, plans and caches are those of a running service afterwards."""
_QUIET: Final = 1
"""The turn at the quiet rate."""
_COUNTED: Final = 2
"""The first of those at the rate that must be borne."""


@dataclass
class Freshness:
    """All that was measured: the turns that count, each with the floor before it, and one at the quiet rate."""

    quiet: Turn
    turns: list[Turn] = field(default_factory=list)
    floors: list[list[float]] = field(default_factory=list)
    refused: int = 0
    load: float = 0.0

    @property
    def watched(self) -> list[list[float]]:
        """Milliseconds until box and rank could be read, repeat by repeat."""
        return [turn.watched for turn in self.turns]

    @property
    def hops(self) -> dict[str, list[float]]:
        """Milliseconds of each hop, over all repeats."""
        return {name: flat([turn.hops[name] for turn in self.turns]) for name in HOPS}

    def rows(self, sizes: Sizes) -> list[Row]:
        """The row against the floor, the one against the clock, and one at the quiet rate."""
        watched, floor = flat(self.watched), flat(self.floors)
        name = f"freshness at {sizes.rate} scores/s: score due → box and regional rank over HTTP, p99"
        if lost := sum(one == NEVER for one in watched):
            name += f" ({lost} of {len(watched):,} never seen, counted as {NEVER / 1000:.0f} s)"
        details = {
            "visible_over_http": quantiles(watched),
            "floor": quantiles(floor),
            "refused": self.refused,
            "hops": summary(self.hops),
            "together_ms_per_score": in_milliseconds([turn.costs for turn in self.turns]),
            "client_ms_per_score": significant(mean(turn.client for turn in self.turns) * 1000),
            "rate": sizes.rate,
        }
        repeats = [percentile(one, 0.99) for one in self.watched]
        floors = [percentile(one, 0.99) for one in self.floors]
        quiet = self.quiet.watched
        return [
            Row.of(name, "ms", repeats, floors, load=self.load, limit=AGAINST_FLOOR, details=details),
            Row.of("the same, in all", "ms", repeats, load=self.load, limit=IN_ALL),
            Row.of(
                f"the same at {sizes.quiet_rate} scores/s",
                "ms",
                [percentile(quiet, 0.99)],
                load=self.load,
                details=quantiles(quiet),
            ),
        ]


async def measure_freshness(bench: Bench, services: Sequence[Child]) -> Freshness:
    """Floor and services by turns on the same servers; the services run and hold the population."""
    sizes = bench.sizes
    floor_url = await bench.fresh_database("bench_floor")

    async def floor() -> list[float]:
        servers, namespace = bench.stack.kafka_bootstrap_servers, bench.stack.kafka_namespace
        count = round(sizes.rate * sizes.floor_seconds)
        return await bare_chain(floor_url, servers, namespace, rate=sizes.rate, count=count)

    async with turns_of(bench, services) as turns:
        await floor()
        await turns.take(_FIRST, sizes.rate)
        measured = Freshness(await turns.take(_QUIET, sizes.quiet_rate))
        for number in range(_COUNTED, _COUNTED + sizes.repeats):
            measured.floors.append(await floor())
            measured.turns.append(await turns.take(number, sizes.rate))
            ours, bare = quantiles(measured.watched[-1]), quantiles(measured.floors[-1])
            say(f"freshness ms: p50 {ours['p50']}, p99 {ours['p99']}; floor p50 {bare['p50']}, p99 {bare['p99']}")
    measured.refused, measured.load = turns.scoring.refused, load_average()
    return measured
