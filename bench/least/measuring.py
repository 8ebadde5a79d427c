"""The least chain beside the floor of freshness, turn by turn; and how much more it could bear."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import mean
from typing import Final

from bench.figures import Row, flat, percentile, quantiles, significant
from bench.freshness.floor import bare_chain
from bench.freshness.hops import summary
from bench.installation import Bench
from bench.least.budget import ASKED_AT_ONCE, ASKED_GATHERED, FRAMED_AT_ONCE, WORDS, measure_budget
from bench.least.running import ASKED, BARE, BARE_HOPS, FRAMED, Chain, Kind, Turn, chain_of
from bench.machine import load_average
from bench.usage import in_milliseconds
from deploy.local.progress import say

_BARE: Final = "freshness, at best: the same chain bare, each process the least, p99"
Manners = Mapping[bool, tuple[str, str]]
"""Names, and where what a score costs is kept, by whether relays gather."""
_ASKED: Final[Manners] = {
    False: ("the same, with what the design asks of a score besides, p99", ASKED_AT_ONCE),
    True: ("the same, with relays that gather as Talenta's do, p99", ASKED_GATHERED),
}
_FRAMED: Final[Manners] = {
    False: ("the same at once, with its three APIs in FastAPI, p99", FRAMED_AT_ONCE),
}


async def measure_least(bench: Bench) -> list[Row]:
    """Rows that ask for nothing: how near to its floor the way of a score can come, and the whole design."""
    floor_url = await bench.fresh_database("bench_floor")
    rows = [await _bare(bench, floor_url)]
    if bench.sizes.asked_repeats:
        for kind, manners in ((ASKED, _ASKED), (FRAMED, _FRAMED)):
            rows += await _asked(bench, floor_url, kind, manners)
    return rows


async def _bare(bench: Bench, floor_url: str) -> Row:
    sizes = bench.sizes
    async with chain_of(bench, BARE) as chain:
        by_manner, floors = await _by_turns(chain, floor_url, sizes.least_repeats, sizes.freshness_seconds)
        turns = by_manner[False]
        costs = in_milliseconds([turn.costs for turn in turns])
        row = _row(_BARE, turns, floors)
        own = {process.name: costs[process.name] for process in chain.processes}
        budget = await measure_budget(chain, own, 1 + sizes.least_repeats)
    hops = summary({name: flat([turn.hops[name] for turn in turns]) for name in BARE_HOPS})
    more = {"least_hops": hops, "least_ms_per_score": costs, "budget": budget}
    return replace(row, details=row.details | more)


async def _asked(bench: Bench, floor_url: str, kind: Kind, manners: Manners) -> list[Row]:
    sizes = bench.sizes
    async with chain_of(bench, kind) as chain:
        by_manner, floors = await _by_turns(
            chain, floor_url, sizes.asked_repeats, sizes.asked_seconds, manners=tuple(manners)
        )
    rows = []
    for gathers, (name, kept) in manners.items():
        row = _row(name, by_manner[gathers], floors)
        costs = in_milliseconds([turn.costs for turn in by_manner[gathers]])
        rows.append(replace(row, details=row.details | {kept: costs}))
    return rows


async def _by_turns(
    chain: Chain, floor_url: str, repeats: int, seconds: float, *, manners: Sequence[bool] = (False,)
) -> tuple[dict[bool, list[Turn]], list[list[float]]]:
    """The chain by whether its relays gather, and the milliseconds of the floor before each of these."""
    sizes, stack = chain.bench.sizes, chain.bench.stack
    turns: dict[bool, list[Turn]] = {gathers: [] for gathers in manners}
    floors: list[list[float]] = []
    count, bare, numbers = round(sizes.rate * seconds), round(sizes.rate * sizes.floor_seconds), itertools.count()
    # One turn first that does not count: connections, plans and caches are those of running programs.
    await chain.turn(next(numbers), count)
    for _ in range(repeats):
        servers, namespace = stack.kafka_bootstrap_servers, stack.kafka_namespace
        floors.append(await bare_chain(floor_url, servers, namespace, rate=sizes.rate, count=bare))
        for gathers in manners:
            await chain.tell({}, gathers=gathers)
            turns[gathers].append(await chain.turn(next(numbers), count, by_hop=chain.kind is BARE))
        each = {"floor": floors[-1], **{WORDS[gathers]: turns[gathers][-1].hops["total"] for gathers in manners}}
        told = (
            f"{name} p50 {percentile(ms, 0.5):.1f}, p99 {percentile(ms, 0.99):.1f}" for name, ms in each.items()
        )
        say(f"{chain.kind.program}, ms: {'; '.join(told)}")
    return turns, floors


def _row(name: str, turns: Sequence[Turn], floors: Sequence[Sequence[float]]) -> Row:
    totals = [turn.hops["total"] for turn in turns]
    details = {
        "visible_over_http": quantiles(flat(totals)),
        "floor": quantiles(flat(floors)),
        "client_ms_per_score": significant(mean(turn.client for turn in turns) * 1000),
    }
    repeats, bare = ([percentile(one, 0.99) for one in each] for each in (totals, floors))
    return Row.of(name, "ms", repeats, bare, load=load_average(), details=details)
