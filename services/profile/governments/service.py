"""Which regions a caller may name, in a write and in a list."""

from services.profile.governments.errors import region_unknown
from services.profile.governments.rules import GOVERNMENTS
from shared.auth.caller import Population
from shared.auth.regions import check_list, check_region


def check_writes_to(region: str, population: Population) -> None:
    """Let a caller write to a region.

    Raises InvalidInput where there is no such government, OutsidePopulation where the caller may not touch it.
    """
    if region not in GOVERNMENTS:
        raise region_unknown()
    check_region(population, region)


def check_lists(region: str, population: Population) -> None:
    """Let a caller list a region, as far as they may see it. Raises as `check_writes_to` does."""
    if region not in GOVERNMENTS:
        raise region_unknown("query")
    check_list(population, region)
