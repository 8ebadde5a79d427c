"""How figures are judged."""

import pytest

from bench.figures import Limit, Row, percentile, quantiles, significant


def test_a_percentile_is_a_value_that_occurred() -> None:
    values = [40.0, 10.0, 30.0, 20.0]
    assert [percentile(values, share) for share in (0.25, 0.5, 0.51, 0.99)] == [10.0, 20.0, 30.0, 40.0]


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_quantiles_of_a_hundred() -> None:
    assert quantiles(list(map(float, range(1, 101)))) == {"p50": 50.0, "p90": 90.0, "p99": 99.0, "count": 100}


def test_figures_pretend_no_more_than_four_digits() -> None:
    assert significant(123456.0) == 123500.0
    assert significant(0.00123456) == 0.001235


@pytest.mark.parametrize(
    ("limit", "met"),
    [
        (Limit("", at_most=3.0), True),
        (Limit("", at_most=2.9), False),
        (Limit("", at_least=3.0), True),
        (Limit("", at_least=3.1), False),
        (Limit("", at_most=30.0, of_ratio=False), True),
        (Limit("", at_most=29.0, of_ratio=False), False),
    ],
)
def test_a_limit_bounds_the_ratio_or_the_figure(limit: Limit, met: bool) -> None:  # noqa: FBT001 - a parameter
    row = Row.of("", "ms", [20.0, 30.0, 99.0], [10.0, 9.0, 11.0], load=0.0, limit=limit)
    assert (row.figure, row.floor, row.ratio) == (30.0, 10.0, 3.0)
    assert row.met is met


def test_a_ratio_without_a_floor_is_not_met() -> None:
    assert Row.of("", "ms", [1.0], load=0.0, limit=Limit("", at_most=3.0)).met is False


def test_a_row_without_a_limit_is_neither_met_nor_missed() -> None:
    assert Row.of("", "ms", [1.0], load=0.0).met is None
