"""Growth: slopes, sizes, and the picture of both."""

from pathlib import Path

import pytest

from bench.figures import Row, slope
from bench.pictures import draw_growth
from bench.pressure.measuring import passes_of


@pytest.mark.parametrize(
    ("costs", "steepness"),
    [([2.0, 2.0, 2.0], 0.0), ([1.0, 10.0, 100.0], 1.0), ([1.0, 100.0, 10_000.0], 2.0), ([4.0, 2.0, 1.0], -0.301)],
)
def test_the_slope_on_logarithmic_axes(costs: list[float], steepness: float) -> None:
    assert slope([20.0, 200.0, 2_000.0], costs) == pytest.approx(steepness, abs=0.001)


def _sized(employees: int) -> Row:
    details = {"employees": employees, "regions": 36, "rank_ms": 1.0, "board_ms": 0.5, "fold_ms": 20.0}
    return Row.of("rank", "ms", [1.0], load=0.0, details=details)


def test_the_picture_has_a_line_for_each_cost(tmp_path: Path) -> None:
    draw_growth(tmp_path, [_sized(20_000), _sized(200_000)])
    drawn = (tmp_path / "growth.svg").read_text()
    for name in ("ranks of one person, 36 regions", "board, 36 regions", "fold of 200 people, 36 regions"):
        assert name in drawn


def test_one_size_is_no_growth(tmp_path: Path) -> None:
    draw_growth(tmp_path, [_sized(20_000)])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("rows", "passes"), [(1_000_000, 10), (199_999, 1), (200_000, 2), (10, 1)])
def test_the_long_import_scores_everybody_again_and_again(rows: int, passes: int) -> None:
    assert passes_of(rows, 50_000) == passes
