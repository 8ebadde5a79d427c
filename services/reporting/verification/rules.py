"""Histograms added up again, and where the stored ones differ."""

from collections import Counter
from collections.abc import Iterable

from services.reporting.ranks.rules import BLOCK, Scope, scopes_of
from shared.asn.post import PostLevel

Counts = Counter[tuple[str, int]]
"""How many have a value, by scope and value in hundredths."""
Block = tuple[str, int, int, list[int]]
"""A row of a histogram: scope, block, total, counts."""

OF_REGION = (Scope.REGION, Scope.LEVEL)
ABOVE = tuple(scope for scope in Scope if scope not in OF_REGION)
TOTAL = "total of block"


def scope_names(region: str, kinds: Iterable[Scope]) -> set[str]:
    """The histograms of these kinds in which the people of a region may be counted."""
    wanted = set(kinds)
    return {name for level in PostLevel for kind, name in scopes_of(region, level).items() if kind in wanted}


def counts_in(region: str, values: Iterable[tuple[str, int, int]], kinds: Iterable[Scope]) -> Counts:
    """Level, value and number of people of a region, counted in the histograms of these kinds."""
    wanted = set(kinds)
    names = {
        level: [name for kind, name in scopes_of(region, level).items() if kind in wanted] for level in PostLevel
    }
    counts: Counts = Counter()
    for level, value, number in values:
        for name in names[PostLevel(level)]:
            counts[name, value] += number
    return counts


def counts_of(blocks: Iterable[Block]) -> Counts:
    """What stored histograms say."""
    return Counter(
        {
            (scope, block * BLOCK + place): count
            for scope, block, _, counts in blocks
            for place, count in enumerate(counts)
            if count
        },
    )


def differing(expected: Counts, blocks: Iterable[Block]) -> dict[str, dict[str, tuple[int, int]]]:
    """By scope: the values of which another number is stored, and the blocks whose total is not their sum."""
    blocks = list(blocks)
    found: dict[str, dict[str, tuple[int, int]]] = {}
    stored = counts_of(blocks)
    for scope, value in expected.keys() | stored.keys():
        pair = expected[scope, value], stored[scope, value]
        if pair[0] != pair[1]:
            found.setdefault(scope, {})[f"{value / BLOCK:.2f}"] = pair
    for scope, block, total, counts in blocks:
        if total != sum(counts):
            found.setdefault(scope, {})[f"{TOTAL} {block}"] = (sum(counts), total)
    return found
