"""Freshness where each service runs as in production, its API and its worker apart: a row that only informs."""

from collections.abc import Sequence

from bench.figures import Row, percentile, quantiles
from bench.freshness.hops import summary
from bench.freshness.turns import turns_of
from bench.installation import Bench
from bench.machine import load_average
from bench.usage import in_milliseconds
from deploy.local.processes import Child
from deploy.local.progress import say


async def measure_apart(bench: Bench, services: Sequence[Child]) -> list[Row]:
    """One turn that does not count, and one that does; the services run in both roles and hold the population."""
    rate, first = bench.sizes.rate, bench.sizes.apart_turn
    async with turns_of(bench, services) as turns:
        await turns.take(first, rate)
        turn = await turns.take(first + 1, rate)
    details = quantiles(turn.watched) | {
        "refused": turns.scoring.refused,
        "apart_hops": summary(turn.hops),
        "apart_ms_per_score": in_milliseconds([turn.costs]),
    }
    say(f"freshness with api and worker apart, ms: p50 {details['p50']}, p99 {details['p99']}")
    name = f"the same at {rate} scores/s with api and worker apart, {len(services)} processes"
    return [Row.of(name, "ms", [percentile(turn.watched, 0.99)], load=load_average(), details=details)]
