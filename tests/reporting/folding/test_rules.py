"""Differences: whatever comes in whatever order, the sums are those of counting everybody afresh."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.folding.rules import Differences, Move, Place, Tally, differences, tally_of, total_of
from services.reporting.ranks.rules import scopes_of
from shared.events.placement import TalentState
from tests.reporting.people import (
    drawn,
    final_states,
    place_of_state,
    recounted_tallies,
    recounted_values,
    seeded,
    state_of,
)


@st.composite
def tellings(draw: st.DrawFn) -> list[list[TalentState]]:
    """States of a few people in several versions: shuffled, some told twice, cut into batches."""
    chance = seeded(draw(st.integers(0, 2**32)))
    states = [drawn(chance, number, version) for number in range(5) for version in range(1, 5)]
    told = draw(st.permutations(states + draw(st.lists(st.sampled_from(states)))))
    cut = draw(st.integers(1, len(told)))
    return [told[start : start + cut] for start in range(0, len(told), cut)]


@given(tellings())
def test_any_telling_comes_to_the_sums_of_the_final_states(batches: list[list[TalentState]]) -> None:
    known: dict[str, TalentState] = {}
    tallies: dict[str, Tally] = {}
    histogram: Counter[tuple[str, int]] = Counter()
    for batch in batches:
        moves = []
        for state in batch:
            old = known.get(state.key)
            if old is None or old.version < state.version:
                moves.append(Move(place_of_state(old) if old else None, place_of_state(state)))
                known[state.key] = state
        change = differences(moves)
        for region, tally in change.tallies.items():
            tallies[region] = total_of([tallies.get(region, Tally()), tally])
        for (region, level, value), count in change.values.items():
            for scope in scopes_of(region, level).values():
                histogram[scope, value] += count

    newest = final_states(state for batch in batches for state in batch)
    assert {region: tally for region, tally in tallies.items() if tally != Tally()} == recounted_tallies(newest)
    values = {scope: Counter(numbers) for scope, numbers in recounted_values(newest).items()}
    assert {place: count for place, count in histogram.items() if count} == {
        (scope, value): count for scope, counts in values.items() for value, count in counts.items()
    }


ORDINARY = place_of_state(state_of(1))


def test_a_new_person_counts_with_all_his_numbers() -> None:
    change = differences([Move(None, ORDINARY)])
    assert change.tallies == {"33.74": Tally(1, 1, 8525, 1, 805_000, 1, 900_000, 1, 1)}
    assert change.values == {("33.74", "ADMINISTRATOR", 8525): 1}


def test_moving_to_another_region_subtracts_there_and_adds_here() -> None:
    change = differences([Move(ORDINARY, ORDINARY._replace(region="33.01"))])
    assert change.tallies["33.74"] == Tally().minus(change.tallies["33.01"])
    assert change.values == {("33.74", "ADMINISTRATOR", 8525): -1, ("33.01", "ADMINISTRATOR", 8525): 1}


def test_moving_to_another_unit_changes_no_sum() -> None:
    assert differences([Move(ORDINARY, ORDINARY._replace(unit_id="bkd"))]) == Differences()


def test_leaving_takes_away_all_that_arriving_brought() -> None:
    gone = ORDINARY._replace(active=False)
    assert differences([Move(None, ORDINARY), Move(ORDINARY, gone)]) == Differences()
    assert tally_of(gone) == Tally()


def test_losing_the_value_takes_him_out_of_the_ranks_and_not_out_of_the_count() -> None:
    change = differences([Move(ORDINARY, ORDINARY._replace(value=None, x=None, box=None, in_pool=False))])
    assert change.tallies == {
        "33.74": Tally(with_value=-1, value_sum=-8525, with_x=-1, x_sum=-805_000, boxed=-1, in_pool=-1),
    }
    assert change.values == {("33.74", "ADMINISTRATOR", 8525): -1}


def test_where_he_stood_already_nothing_changes() -> None:
    assert differences([Move(ORDINARY, Place(*ORDINARY))]) == Differences()
