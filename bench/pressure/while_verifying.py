"""How fresh a single score stays while `verify` reads everything, at its fastest pace."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from bench.figures import Row, percentile, quantiles
from bench.installation import Bench
from bench.machine import load_average
from bench.pressure.singles import single_scores
from bench.verifying.measuring import measure_verify
from deploy.local.processes import Child
from deploy.local.progress import say


async def measure_while_verifying(bench: Bench, services: Sequence[Child], *, turn: int) -> list[Row]:
    """One row, which only informs. `turn` was not yet."""
    once = replace(bench, sizes=replace(bench.sizes, verify_repeats=1))
    rate = bench.sizes.quiet_rate

    async def verified() -> float:
        await measure_verify(once, services)
        return time.time()

    async with single_scores(bench) as singles:
        visible = await singles.until(asyncio.create_task(verified()), turn, rate=rate)
    taken = [milliseconds for _, milliseconds in visible]
    details = quantiles(taken) | {"refused": singles.scoring.refused}
    say(f"single scores while verify runs: {details} ms")
    name = f"single score at {rate} scores/s while verify runs: due → box and regional rank over HTTP, p99"
    return [Row.of(name, "ms", [percentile(taken, 0.99)], load=load_average(), details=details)]
