"""Nothing is gathered where little comes, and all that may be where much does, whatever it comes in."""

import pytest

from shared.outbox.gathering import LONGEST, Gathering


def distance_at(rate: float, *, together: int = 1) -> float:
    """The last distance, where so many come a second, some of them together, for two seconds."""
    gathering = Gathering()
    turns = round(2 * rate / together)
    return [gathering.distance(together, turn * together / rate) for turn in range(turns)][-1]


@pytest.mark.parametrize("rate", [1, 10, 45])
def test_who_comes_where_little_comes_waits_for_nobody(rate: float) -> None:
    assert distance_at(rate) == 0


@pytest.mark.parametrize("together", [1, 2, 4])
def test_where_much_comes_the_next_turn_is_as_far_away_as_may_be(together: int) -> None:
    assert distance_at(200, together=together) == pytest.approx(LONGEST)


def test_in_between_the_distance_grows_with_what_comes() -> None:
    distances = [distance_at(rate) for rate in (60, 80, 100, 120, 140)]
    assert distances == sorted(set(distances))
    assert distances[2] == pytest.approx(LONGEST / 2, rel=0.1)


def test_a_pause_ends_it() -> None:
    gathering = Gathering()
    assert [gathering.distance(1, n / 200) for n in range(200)][-1] == pytest.approx(LONGEST)
    assert gathering.distance(1, 1.3) == 0


def test_a_thousand_at_once_are_forgotten_as_soon_as_a_few() -> None:
    gathering = Gathering()
    assert gathering.distance(1000, 0.0) == pytest.approx(LONGEST)
    assert gathering.distance(1, 0.3) == 0


def test_a_clock_that_goes_on_for_long_is_no_trouble() -> None:
    gathering = Gathering()
    assert gathering.distance(1, 1e9) == 0
