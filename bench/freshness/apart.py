"""Freshness where each service runs as in production, its API and its worker apart: a row that only informs."""

from collections.abc import Sequence

from bench.figures import Row, flat, percentile, quantiles
from bench.freshness.hops import HOPS, summary
from bench.freshness.turns import turns_of
from bench.installation import Bench
from bench.machine import load_average
from bench.usage import in_milliseconds
from deploy.local.processes import Child
from deploy.local.progress import say


async def measure_apart(bench: Bench, services: Sequence[Child]) -> list[Row]:
    """One turn that does not count, and those that do; the services run in both roles and hold the population."""
    rate, first = bench.sizes.rate, bench.sizes.apart_turn + 1
    async with turns_of(bench, services) as turns:
        await turns.take(first - 1, rate)
        taken = [await turns.take(number, rate) for number in range(first, first + bench.sizes.apart_repeats)]
    hops = {name: flat([turn.hops[name] for turn in taken]) for name in HOPS}
    details = quantiles(hops["total"]) | {
        "refused": turns.scoring.refused,
        "apart_hops": summary(hops),
        "apart_ms_per_score": in_milliseconds([turn.costs for turn in taken]),
    }
    say(f"freshness with api and worker apart, ms: p50 {details['p50']}, p99 {details['p99']}")
    name = f"the same at {rate} scores/s with api and worker apart, {len(services)} processes"
    repeats = [percentile(turn.watched, 0.99) for turn in taken]
    return [Row.of(name, "ms", repeats, load=load_average(), details=details)]
