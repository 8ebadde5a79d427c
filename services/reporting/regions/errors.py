"""What can go wrong with regions."""

from shared.auth.caller import Population
from shared.http.errors import NotFound, OutsidePopulation


class RegionNotFound(NotFound):
    """No employee of that region has ever been reported."""

    code = "region_not_found"
    title_id = "Wilayah tidak ditemukan atau belum memiliki data"
    title_en = "The region does not exist or has no data yet"


def check_region(population: Population, code: str) -> None:
    """Raise OutsidePopulation unless all of the region may be read."""
    if not population.covers_region(code):
        raise OutsidePopulation
