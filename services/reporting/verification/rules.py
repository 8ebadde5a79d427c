"""In which histograms people are counted, and how what is wrong in these is told."""

from collections.abc import Iterable

from services.reporting.ranks.rules import BLOCK, Scope, scopes_of
from shared.asn.post import PostLevel

Counted = tuple[str, str]
"""A level or the histogram of one, and a histogram in which its people are counted."""
Cell = tuple[str, int, int, int]
"""Scope, value in hundredths or block, the number that it should have and that it has."""

OF_REGION = (Scope.REGION, Scope.LEVEL)
ABOVE = tuple(scope for scope in Scope if scope not in OF_REGION)
TOTAL = "total of block"


def within(region: str) -> list[Counted]:
    """A region's own histograms, by the levels of the people whom they count."""
    return [(level, scopes_of(region, level)[kind]) for level in PostLevel for kind in OF_REGION]


def above(region: str) -> list[Counted]:
    """Those of its province and of the nation, by the region's own whose people they count too."""
    names = [scopes_of(region, level) for level in PostLevel]
    return [(name[Scope.LEVEL], name[kind]) for name in names for kind in ABOVE]


def fields_of(miscounted: Iterable[Cell], mistotalled: Iterable[Cell]) -> dict[str, dict[str, tuple[int, int]]]:
    """By scope: the values of which another number is stored, and the blocks whose total is not their sum."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for scope, value, expected, stored in miscounted:
        found.setdefault(scope, {})[f"{value / BLOCK:.2f}"] = expected, stored
    for scope, block, expected, stored in mistotalled:
        found.setdefault(scope, {})[f"{TOTAL} {block}"] = expected, stored
    return found
