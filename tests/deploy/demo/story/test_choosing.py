"""Whose score tells the story."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from deploy.demo.population.people import Population
from deploy.demo.recomputation.expected import Inputs
from deploy.demo.story.choosing import by_reach, candidates, choose
from shared.asn.predikat import Predikat

ON = date(2026, 3, 2)
INPUTS = Inputs(Population(2_000, date(2026, 1, 1)), {})
INDEXES = {"33": Decimal("0.900000"), "33.01": Decimal("0.899999"), "33.02": Decimal("0.800000")}


def test_the_one_who_is_chosen_moves_box_and_pool_by_one_score() -> None:
    chosen = choose(INPUTS, INDEXES, ON)
    assert chosen is not None
    assert chosen.person.region == "33.01"
    assert chosen.before.box != chosen.after.box
    assert (chosen.before.in_pool, chosen.after.in_pool) == (False, True)
    assert chosen.after.predikat is Predikat.SANGAT_BAIK
    assert chosen.ratings[0] == chosen.person.ratings[0]


def test_the_choice_is_the_same_again() -> None:
    assert choose(INPUTS, INDEXES, ON) == choose(INPUTS, INDEXES, ON)


def test_the_region_nearest_to_the_next_rank_comes_first_and_unranked_ones_last() -> None:
    order = by_reach(INPUTS, INDEXES)
    assert order[:2] == ["33.01", "33.02"]
    assert len(order) == 36


def test_every_candidate_enters_the_pool() -> None:
    found = list(candidates(INPUTS, "33", ON))
    assert found
    assert all(each.after.in_pool and not each.before.in_pool for each in found)


def test_where_nobody_can_move_there_is_no_story() -> None:
    few = replace(INPUTS, population=Population(40, date(2026, 1, 1)))
    assert choose(few, {}, date(2040, 1, 1)) is None  # every score has expired by then
