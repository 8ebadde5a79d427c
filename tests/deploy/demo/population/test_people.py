"""The synthetic population: exact sizes, valid unique NIPs, the same again, plausible shares."""

import itertools
from collections import Counter
from datetime import date, timedelta

import pytest

from deploy.demo.population.careers import SHARE_OF_PNS
from deploy.demo.population.governments import governments
from deploy.demo.population.people import MOST, Person, Population
from shared.asn.employment import EmployeeKind
from shared.asn.golongan import check_golongan
from shared.asn.nip import Nip
from shared.asn.post import PostLevel
from shared.asn.predikat import Ekspektasi
from shared.asn.region import covers

ON = date(2026, 1, 1)
TOTAL = 20_000


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return list(Population(TOTAL, ON).people())


@pytest.mark.parametrize("total", [1, 35, 36, 200, 20_000, 450_000])
def test_sizes_add_up_to_the_total_and_indexes_leave_no_gap(total: int) -> None:
    found = governments(total)
    assert sum(government.size for government in found) == total
    assert len(found) == 36
    assert all(covers("33.*", government.code) for government in found)
    for left, right in itertools.pairwise(found):
        assert left.first + left.size == right.first


def test_the_province_is_the_largest_and_sizes_keep_their_proportions() -> None:
    sizes = {government.code: government.size for government in governments(450_000)}
    assert max(sizes, key=sizes.__getitem__) == "33"
    assert sizes["33.01"] > 4 * sizes["33.73"]
    small = {government.code: government.size for government in governments(45_000)}
    assert all(abs(small[code] - size / 10) <= 1 for code, size in sizes.items())


def test_units_grow_with_the_government_and_are_unique() -> None:
    few = {government.code: len(government.units) for government in governments(2_000)}
    many = {government.code: len(government.units) for government in governments(450_000)}
    assert all(few[code] < many[code] for code in few)
    ids = [unit.unit_id for government in governments(450_000) for unit in government.units]
    assert len(ids) == len(set(ids))
    assert sum("Kecamatan" in unit.name for government in governments(450_000) for unit in government.units) == 576


def test_every_nip_is_valid_for_its_kind_and_unique(people: list[Person]) -> None:
    assert len({person.nip for person in people}) == len(people)
    for person in people:
        assert Nip.parse(person.nip).check_kind(person.kind) == ()


def test_nips_stay_unique_by_construction_up_to_the_bound() -> None:
    # Digits 5-8, 15 and 16-18 alone tell any two people apart; the others are drawn.
    population = Population(MOST, ON)
    step = 731
    drawn = [population.person(index).nip for index in range(0, MOST, step)]
    drawn += [population.person(index + 730).nip for index in range(0, MOST - 730, step)]
    marks = {nip[4:8] + nip[14:] for nip in drawn}
    assert len(marks) == len(set(drawn))
    with pytest.raises(ValueError, match="employees"):
        Population(MOST + 1, ON)


def test_the_same_total_draws_the_same_people_and_each_by_index(people: list[Person]) -> None:
    again = Population(TOTAL, ON)
    assert [again.person(index) for index in range(0, TOTAL, 997)] == people[::997]
    assert [person.index for person in people] == list(range(TOTAL))
    with pytest.raises(IndexError):
        again.person(TOTAL)


def test_kinds_and_posts_come_in_plausible_shares(people: list[Person]) -> None:
    pns = sum(person.kind is EmployeeKind.PNS for person in people) / TOTAL
    assert abs(pns - SHARE_OF_PNS) < 0.02
    levels = Counter(person.level for person in people)
    functional = sum(count for level, count in levels.items() if level.startswith("JF_")) / TOTAL
    structural = sum(
        levels[level] for level in (PostLevel.JPT_PRATAMA, PostLevel.ADMINISTRATOR, PostLevel.PENGAWAS)
    )
    assert 0.58 < functional < 0.70
    assert 0.04 < structural / TOTAL < 0.08
    assert levels[PostLevel.JPT_MADYA] == 1
    assert sum(person.title == "Sekretaris Daerah" for person in people) == 36
    assert all(person.kind is EmployeeKind.PNS for person in people if person.eselon)


def test_predikat_and_assessments_come_in_plausible_shares(people: list[Person]) -> None:
    ratings = [rating for person in people for rating in person.ratings]
    both_above = sum(r.hasil is r.perilaku is Ekspektasi.DI_ATAS for r in ratings) / len(ratings)
    any_below = sum(Ekspektasi.DI_BAWAH in {r.hasil, r.perilaku} for r in ratings) / len(ratings)
    assert 0.12 < both_above < 0.25
    assert 0.02 < any_below < 0.10
    without_potential = sum(person.assessment.potential is None for person in people) / TOTAL
    assert 0.02 < without_potential < 0.06
    assert all(0 <= person.assessment.jpm <= 120 for person in people)
    assert 0.01 < sum(bool(person.discipline) for person in people) / TOTAL < 0.03
    assert sum(person.kedudukan_hukum == "01" for person in people) > 0.97 * TOTAL


def test_dates_hold_together(people: list[Person]) -> None:
    for person in people:
        check_golongan(person.golongan)
        assert [rating.year for rating in person.ratings] == [ON.year - 2, ON.year - 1]
        assert ON - timedelta(days=2 * 365) < person.assessment.assessed_on < ON
        assert person.retires_on > ON
        assert person.retires_on.day == 1
        assert person.nip.birth_date < date(int(person.nip[8:12]), 1, 1) < ON
        assert person.since < ON
