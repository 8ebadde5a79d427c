"""All of a region may be touched by who covers it; a list may be asked for by who sees anything of it."""

from uuid import UUID

import pytest

from shared.auth.caller import Population
from shared.auth.regions import check_list, check_region
from shared.http.errors import OutsidePopulation

CITY = Population(regions=("33.74",))
PROVINCE = Population(regions=("33.*",))
UNIT = Population(units=("33.74-dinkes",))
SELF = Population(employee_id=UUID(int=1))


@pytest.mark.parametrize(("population", "region"), [(CITY, "33.74"), (PROVINCE, "33.74"), (PROVINCE, "33.*")])
def test_who_covers_all_of_a_region_may_touch_and_list_it(population: Population, region: str) -> None:
    check_region(population, region)
    check_list(population, region)


@pytest.mark.parametrize(("population", "region"), [(CITY, "33.72"), (CITY, "33.*"), (Population(), "33.74")])
def test_who_does_not_may_do_neither(population: Population, region: str) -> None:
    for check in (check_region, check_list):
        with pytest.raises(OutsidePopulation):
            check(population, region)


@pytest.mark.parametrize("population", [UNIT, SELF])
def test_who_sees_a_part_may_list_it_and_touches_nothing_whole(population: Population) -> None:
    check_list(population, "33.74")
    with pytest.raises(OutsidePopulation):
        check_region(population, "33.74")
