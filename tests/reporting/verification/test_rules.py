"""The board that `verify` expects: equal index equal rank, and who is not ranked takes no rank from others."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.boards.rules import COVERAGE_TOO_LOW, NO_ACTIVE_EMPLOYEES, Assessed
from services.reporting.verification.rules import board_of, ranks_of


def test_equal_index_equal_rank() -> None:
    indices = {"a": Decimal("0.5"), "b": Decimal("0.7"), "c": Decimal("0.500000"), "d": Decimal("0.4")}
    assert ranks_of(indices) == {"b": 1, "a": 2, "c": 2, "d": 4}


@given(st.dictionaries(st.text(), st.decimals(0, 1, places=1)))
def test_a_rank_is_one_more_than_those_above(indices: dict[str, Decimal]) -> None:
    above = {code: sum(other > index for other in indices.values()) for code, index in indices.items()}
    assert ranks_of(indices) == {code: count + 1 for code, count in above.items()}


def test_who_is_not_ranked_is_on_the_board_and_takes_no_rank() -> None:
    low, high = Decimal("0.4"), Decimal("0.7")
    board = board_of(
        {
            "33.01": Assessed(low, None, ()),
            "33.02": Assessed(Decimal("0.9"), COVERAGE_TOO_LOW, ()),
            "33.03": Assessed(high, None, ()),
            "33.74": Assessed(None, NO_ACTIVE_EMPLOYEES, ()),
        },
        "p",
    )
    assert {region: (row.rank, row.index, row.policy_id) for region, row in board.items()} == {
        "33.01": (2, low, "p"),
        "33.02": (None, Decimal("0.9"), "p"),
        "33.03": (1, high, "p"),
        "33.74": (None, None, "p"),
    }
