"""May this caller name this region?"""

from services.profile.governments.errors import region_unknown
from services.profile.governments.rules import GOVERNMENTS
from shared.auth.caller import Population
from shared.http.errors import OutsidePopulation


def check_writes_to(region: str, population: Population) -> None:
    """Raises InvalidInput where the region does not exist, OutsidePopulation where it is not the caller's."""
    if region not in GOVERNMENTS:
        raise region_unknown()
    if not population.covers_region(region):
        raise OutsidePopulation


def check_lists(region: str, population: Population) -> None:
    """The same for a list. Who sees single units or only himself may ask: the list then holds just these."""
    if region not in GOVERNMENTS:
        raise region_unknown("query")
    sees_some = bool(population.units) or population.employee_id is not None
    if not sees_some and not population.covers_region(region):
        raise OutsidePopulation
