"""Which state counts, and exact whole numbers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from services.reporting.standings.rules import newest, short, whole
from tests.reporting.people import CAUSE, state_of

LATER = replace(CAUSE, origin_time=CAUSE.origin_time + timedelta(seconds=1), causes=("performance-score/b",))


def test_the_highest_version_counts_wherever_it_stands_in_the_batch() -> None:
    told = [(state_of(2, 1), CAUSE, 1), (state_of(1, 3), CAUSE, 1), (state_of(1, 2), CAUSE, 1)]
    assert [(state.employee_id.int, state.version) for state, _, _ in newest(told)] == [(2, 1), (1, 3)]


def test_the_same_version_counts_again_once_more_of_it_is_understood() -> None:
    told = [(state_of(1, 3), CAUSE, 2), (state_of(1, 3), CAUSE, 1)]
    assert [contract for _, _, contract in newest(told)] == [2]


def test_a_replaced_state_hands_its_cause_on() -> None:
    [(_, cause, _)] = newest([(state_of(1, 1), CAUSE, 1), (state_of(1, 2), LATER, 1)])
    assert cause.origin_time == CAUSE.origin_time
    assert cause.causes == ("performance-score/a", "performance-score/b")


def test_numbers_become_whole_without_rounding() -> None:
    assert whole(Decimal("96.79"), 2) == 9679
    assert whole(Decimal("93.5888"), 4) == 935888
    assert whole(Decimal(100), 2) == 10_000
    assert whole(None, 2) is None


def test_more_decimals_than_agreed_are_refused() -> None:
    with pytest.raises(ValueError, match="decimals"):
        whole(Decimal("96.791"), 2)


@pytest.mark.parametrize("number", ["-0.01", "100.01", "20000000", "1E+999999", "1E+999999999"])
def test_what_is_out_of_the_scale_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="not from 0 to 100"):
        whole(Decimal(number), 2)


def test_a_name_that_no_index_takes_is_refused() -> None:
    assert short("33.74") == "33.74"
    with pytest.raises(ValueError, match="longer"):
        short("x" * 5000)
