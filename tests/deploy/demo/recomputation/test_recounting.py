"""Sums and ranks, counted by hand beside them."""

from array import array
from datetime import date

from deploy.demo.population.people import Population
from deploy.demo.recomputation.expected import Inputs
from deploy.demo.recomputation.recounting import Recount, scopes_of_person

ON = date(2026, 3, 2)
INPUTS = Inputs(Population(200, date(2026, 1, 1)), {})


def test_equal_values_share_a_rank_and_the_next_one_is_left_out() -> None:
    recount = Recount(values={"nation": array("H", [8_000, 9_500, 7_000, 8_000])})
    assert [recount.rank("nation", value) for value in (9_500, 8_000, 7_000)] == [1, 2, 4]


def test_who_is_active_counts_in_the_sums_and_everybody_with_a_value_in_the_scopes() -> None:
    recount, evaluations = Recount(), {}
    for person in INPUTS.population.people():
        evaluations[person.index] = evaluation = INPUTS.talent(person, ON)
        recount.add(person, evaluation)
    active = [evaluation for evaluation in evaluations.values() if evaluation.active]
    valued = [evaluation for evaluation in active if evaluation.value is not None]
    assert recount.people == 200 > len(active) > len(valued) > 0
    assert sum(tally["active"] for tally in recount.tallies.values()) == len(active)
    assert sum(tally["with_value"] for tally in recount.tallies.values()) == len(valued)
    assert len(recount.ascending["province/33"]) == len(valued)


def test_a_person_is_ranked_in_his_unit_too() -> None:
    person = INPUTS.population.person(5)
    assert f"unit/{person.unit_id}" in scopes_of_person(person)
