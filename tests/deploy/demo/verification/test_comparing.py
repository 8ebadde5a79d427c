"""The comparison finds a planted difference of every kind, and none where there is none."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from deploy.demo.installation.stored import NOBODY, StoredPerson
from deploy.demo.population.people import Person, Population
from deploy.demo.recomputation.expected import Inputs
from deploy.demo.recomputation.recounting import Recount
from deploy.demo.verification import comparing
from services.placement.talents.rules import Evaluation
from tests.deploy.demo.as_it_must_be import histograms_of, tallies_of

ON = date(2026, 3, 2)
POPULATION = Population(400, date(2026, 1, 1))
INPUTS = Inputs(POPULATION, {})
SOMEBODY = UUID(int=7)


@pytest.fixture(scope="module")
def recount() -> Recount:
    counted = Recount()
    for person in POPULATION.people():
        counted.add(person, INPUTS.talent(person, ON))
    return counted


def histograms(recount: Recount) -> dict[str, list[tuple[int, int, list[int]]]]:
    """As they are read from reporting."""
    found: dict[str, list[tuple[int, int, list[int]]]] = {}
    for row in histograms_of(recount):
        found.setdefault(row["scope"], []).append((row["block"], row["total"], row["counts"]))
    return found


def tallies(recount: Recount) -> dict[str, dict[str, Any]]:
    return {row["region"]: row for row in tallies_of(recount)}


def rows_of(person: Person, evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    return {
        "talent": {**comparing.talent_of(person, evaluation), "version": 3},
        "folded": {**comparing.folded_of(person, evaluation), "version": 3},
    }


def test_people_as_they_must_be_show_no_difference() -> None:
    for person in POPULATION.people():
        evaluation = INPUTS.talent(person, ON)
        stored = StoredPerson(SOMEBODY, **rows_of(person, evaluation))
        assert list(comparing.of_person(person, evaluation, stored)) == []


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        ("talent", "box", 1),
        ("talent", "x", None),
        ("talent", "vetoes", ["recent_punishment"]),
        ("folded", "value", 1),
        ("folded", "in_pool", None),
        ("folded", "version", 2),
    ],
)
def test_a_planted_difference_of_a_person_is_found(row: str, column: str, value: object) -> None:
    person = POPULATION.person(5)
    evaluation = INPUTS.talent(person, ON)
    rows = rows_of(person, evaluation)
    rows[row][column] = value
    (difference,) = comparing.of_person(person, evaluation, StoredPerson(SOMEBODY, **rows))
    assert (difference.what, difference.found) == (column, value)
    assert person.nip not in str(difference)


def test_somebody_who_did_not_arrive_is_a_difference() -> None:
    person = POPULATION.person(5)
    evaluation = INPUTS.talent(person, ON)
    assert len(list(comparing.of_person(person, evaluation, NOBODY))) == 1
    assert len(list(comparing.of_person(person, evaluation, StoredPerson(SOMEBODY, None, None)))) == 2


def test_sums_and_ranks_as_they_must_be_show_no_difference(recount: Recount) -> None:
    assert list(comparing.of_tallies(recount, tallies(recount))) == []
    assert list(comparing.of_histograms(recount, histograms(recount))) == []
    assert list(comparing.of_board(recount, comparing.expected_board(recount))) == []


def test_a_planted_difference_of_a_sum_is_found(recount: Recount) -> None:
    found = tallies(recount)
    found["33.74"]["y_sum"] += 1
    (difference,) = comparing.of_tallies(recount, found)
    assert "33.74" in difference.where
    del found["33.74"]
    assert list(comparing.of_tallies(recount, found))


def test_one_person_too_many_in_a_histogram_is_found(recount: Recount) -> None:
    found = histograms(recount)
    block, total, counts = found["province/33"][0]
    place = next(place for place, count in enumerate(counts) if count)
    counts[place] += 1
    assert any("total" in difference.what for difference in comparing.of_histograms(recount, found))
    found["province/33"][0] = (block, total + 1, counts)
    assert any("rank" in difference.what for difference in comparing.of_histograms(recount, found))


def test_a_scope_that_should_not_be_is_found(recount: Recount) -> None:
    found = {**histograms(recount), "region/99": [(1, 1, [1] + [0] * 99)]}
    (difference,) = comparing.of_histograms(recount, found)
    assert difference.expected is None


def test_a_wrong_rank_of_a_region_is_found(recount: Recount) -> None:
    found = comparing.expected_board(recount)
    found["33.01"]["rank"] = 99
    (difference,) = comparing.of_board(recount, found)
    assert difference.found == 99


def test_a_histogram_read_by_hand() -> None:
    blocks = [(80, 3, [2, 0, 1] + [0] * 97), (100, 1, [1] + [0] * 99)]
    assert comparing.by_histogram(blocks) == {10_000: (1, 1), 8_002: (2, 1), 8_000: (3, 2)}
    assert comparing.by_histogram([(80, 4, [3])]) is None
