"""Scopes, and ranks out of blocks."""

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.folding.rules import Move, differences
from services.reporting.ranks.rules import BLOCK, HIGHEST_VALUE, Scope, place_of, scopes_of
from tests.reporting.people import place_of_state, state_of


def test_the_government_of_the_province_is_not_the_province() -> None:
    names = scopes_of("33", "PELAKSANA")
    assert names[Scope.REGION] == "region/33"
    assert names[Scope.PROVINCE] == "province/33"
    assert len(set(names.values())) == 6


@given(st.integers(0, HIGHEST_VALUE))
def test_every_value_has_one_place(value: int) -> None:
    block, place = place_of(value)
    assert 0 <= block <= 100
    assert 1 <= place <= BLOCK
    assert block * BLOCK + place - 1 == value


@given(st.lists(st.integers(0, HIGHEST_VALUE), min_size=1))
def test_ranks_from_the_histogram_are_those_of_the_sorted_values(values: list[int]) -> None:
    ordinary = place_of_state(state_of(1))
    histogram = differences(Move(None, ordinary._replace(value=value)) for value in values).histogram
    descending = sorted(values, reverse=True)
    for value in values:
        block, place = place_of(value)
        above = 0
        for (scope, other), count in histogram.items():
            other_block, other_place = place_of(other)
            if scope == "nation" and (other_block, other_place) > (block, place):
                above += count
        assert above + 1 == descending.index(value) + 1
