"""Scopes of ranks, and where a value lies in a histogram.

Ranks compare the published talent value, 0.00 .. 100.00, in hundredths. Equal value, equal rank (1, 2, 2, 4).
"""

from enum import StrEnum
from string import Formatter
from typing import Final

from shared.asn.region import province_of

BLOCK: Final = 100
"""Counts in one block of a histogram: block 67 holds the values 67.00 .. 67.99, block 100 only 100.00."""
BLOCKS: Final = 101
"""Blocks of a histogram."""
BY_BLOCK: Final = "blocks/"
"""Before the name of a histogram: the totals of its blocks, kept as counts of one block, to be read as one row."""


class Scope(StrEnum):
    """Among whom somebody is ranked by a histogram; `_LEVEL`: among those at his level of post there."""

    REGION = "region"
    LEVEL = "level"
    PROVINCE = "province"
    PROVINCE_LEVEL = "province_level"
    NATION = "nation"
    NATION_LEVEL = "nation_level"


# A kind stands before each code: `33` is the provincial government itself, and the province around it.
SCOPES: Final = {
    Scope.REGION: "region/{region}",
    Scope.LEVEL: "region/{region}/{level}",
    Scope.PROVINCE: "province/{province}",
    Scope.PROVINCE_LEVEL: "province/{province}/{level}",
    Scope.NATION: "nation",
    Scope.NATION_LEVEL: "nation/{level}",
}
"""How the histogram of each scope is called."""
NOT_BY_BLOCK: Final = SCOPES[Scope.LEVEL].format(region="%", level="%")
"""The names, as LIKE has them, of histograms without such a row: a region has many levels of few people each, and
one more row to change for each costs the fold more than readers save."""


def columns_of(scope: Scope) -> list[str]:
    """By which of region, province and level the histograms of this scope are told apart."""
    return [name for _, name, _, _ in Formatter().parse(SCOPES[scope]) if name]


def scopes_of(region: str, level: str) -> dict[Scope, str]:
    """The histograms that somebody is counted in."""
    province = province_of(region)
    return {
        scope: template.format(region=region, province=province, level=level) for scope, template in SCOPES.items()
    }
