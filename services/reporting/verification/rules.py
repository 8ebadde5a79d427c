"""The board that follows from the sums, in which histograms people are counted, and how what is wrong is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.reporting.boards.rules import Assessed
from services.reporting.ranks.rules import BLOCK, BY_BLOCK, Scope, scopes_of
from shared.asn.post import PostLevel

Counted = tuple[str, str]
"""A level or the histogram of one, and a histogram in which its people are counted."""
Cell = tuple[str, int, int, int]
"""Scope, value in hundredths or block, the number that it should have and that it has."""

OF_REGION = (Scope.REGION, Scope.LEVEL)
ABOVE = tuple(scope for scope in Scope if scope not in OF_REGION)
TOTAL = "total of block"


@dataclass(frozen=True, slots=True)
class Content:
    """What a region's row on the board says. `components` in their stored form."""

    policy_id: str
    rank: int | None
    index: Decimal | None
    unranked_reason: str | None
    components: list[dict[str, Any]]


def board_of(assessed: Mapping[str, Assessed], policy_id: str) -> dict[str, Content]:
    """The whole board, by region."""
    ranks = ranks_of(
        {
            region: one.index
            for region, one in assessed.items()
            if one.index is not None and one.unranked_reason is None
        },
    )
    return {
        region: Content(
            policy_id,
            ranks.get(region),
            one.index,
            one.unranked_reason,
            [part.as_json() for part in one.components],
        )
        for region, one in assessed.items()
    }


def ranks_of(indices: Mapping[str, Decimal]) -> dict[str, int]:
    """Rank by index, the highest first. Equal index, equal rank: 1, 2, 2, 4."""
    first: dict[Decimal, int] = {}
    for position, index in enumerate(sorted(indices.values(), reverse=True), start=1):
        first.setdefault(index, position)
    return {code: first[index] for code, index in indices.items()}


def within(region: str) -> list[Counted]:
    """A region's own histograms, by the levels of the people whom they count."""
    return [(level, scopes_of(region, level)[kind]) for level in PostLevel for kind in OF_REGION]


def above(region: str) -> list[Counted]:
    """Those of its province and of the nation, by the region's own whose people they count too."""
    names = [scopes_of(region, level) for level in PostLevel]
    return [(name[Scope.LEVEL], name[kind]) for name in names for kind in ABOVE]


def fields_of(miscounted: Iterable[Cell], mistotalled: Iterable[Cell]) -> dict[str, dict[str, tuple[int, int]]]:
    """By scope: values, or blocks, of which another number is stored, and blocks whose total is not their sum."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for scope, value, expected, stored in miscounted:
        field = f"block {value}" if scope.startswith(BY_BLOCK) else f"{value / BLOCK:.2f}"
        found.setdefault(scope, {})[field] = expected, stored
    for scope, block, expected, stored in mistotalled:
        found.setdefault(scope, {})[f"{TOTAL} {block}"] = expected, stored
    return found
