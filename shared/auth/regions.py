"""Which regions a caller may ask about. Raises OutsidePopulation where not."""

from shared.auth.caller import Population
from shared.http.errors import OutsidePopulation


def check_region(population: Population, pattern: str) -> None:
    """Let a caller touch all of a region (`33.74`, `33.*`)."""
    if not population.covers_region(pattern):
        raise OutsidePopulation


def check_list(population: Population, pattern: str) -> None:
    """Let a caller list people or units of a region.

    Whoever may see only some units, or only their own record, may ask too: the list then holds just these.
    """
    if not population.units and population.employee_id is None:
        check_region(population, pattern)
