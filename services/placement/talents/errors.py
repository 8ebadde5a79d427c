"""What can go wrong with talents."""

from shared.auth.caller import Population
from shared.http.errors import NotFound, OutsidePopulation


class TalentNotFound(NotFound):
    """No evaluated employee by that id whom the caller may know of."""

    code = "talent_not_found"
    title_id = "Talenta tidak ditemukan"
    title_en = "Talent not found"


def check_region(population: Population, pattern: str) -> None:
    """Raise OutsidePopulation unless all of the region (`33.74`, `33.*`) may be touched."""
    if not population.covers_region(pattern):
        raise OutsidePopulation
