"""The least chain beside the floor of freshness, turn by turn."""

from collections.abc import Sequence
from statistics import mean
from typing import Final

from bench.figures import Row, flat, percentile, quantiles, significant
from bench.freshness.floor import bare_chain
from bench.freshness.hops import summary
from bench.installation import Bench
from bench.least.running import BARE_HOPS, Turn, chain_of
from bench.machine import load_average
from bench.sizes import Sizes
from bench.usage import in_milliseconds
from deploy.local.progress import say

_NAME: Final = "freshness, at best: the same chain bare, each process the least, p99"


async def measure_least(bench: Bench) -> list[Row]:
    """One row, which asks for nothing: how near to its floor the design can come at all."""
    sizes = bench.sizes
    floor_url = await bench.fresh_database("bench_floor")
    turns, floors = list[Turn](), list[list[float]]()
    count, bare = round(sizes.rate * sizes.freshness_seconds), round(sizes.rate * sizes.floor_seconds)
    async with chain_of(bench) as chain:
        # One turn first that does not count: connections, plans and caches are those of running programs.
        await chain.turn(0, count)
        for number in range(1, 1 + sizes.least_repeats):
            servers, namespace = bench.stack.kafka_bootstrap_servers, bench.stack.kafka_namespace
            floors.append(await bare_chain(floor_url, servers, namespace, rate=sizes.rate, count=bare))
            turns.append(await chain.turn(number, count))
            ours, least = quantiles(turns[-1].hops["total"]), quantiles(floors[-1])
            say(
                f"freshness at best ms: p50 {ours['p50']}, p99 {ours['p99']};"
                f" floor p50 {least['p50']}, p99 {least['p99']}"
            )
    return [_row(sizes, turns, floors)]


def _row(sizes: Sizes, turns: Sequence[Turn], floors: Sequence[Sequence[float]]) -> Row:
    repeats = [percentile(turn.hops["total"], 0.99) for turn in turns]
    details = {
        "visible_over_http": quantiles(flat([turn.hops["total"] for turn in turns])),
        "floor": quantiles(flat(floors)),
        "least_hops": summary({name: flat([turn.hops[name] for turn in turns]) for name in BARE_HOPS}),
        "least_ms_per_score": in_milliseconds([turn.costs for turn in turns]),
        "client_ms_per_score": significant(mean(turn.client for turn in turns) * 1000),
        "rate": sizes.rate,
    }
    bare = [percentile(one, 0.99) for one in floors]
    return Row.of(_NAME, "ms", repeats, bare, load=load_average(), details=details)
