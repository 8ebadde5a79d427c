"""One long import in windows."""

import pytest

from bench.pressure.measuring import WINDOWS, Pressed, windows_of


def test_each_moment_falls_into_its_window_and_what_lies_beyond_into_the_nearest() -> None:
    moments = [(99.0, 1.0), (100.0, 2.0), (101.9, 3.0), (102.0, 4.0), (109.9, 5.0), (110.0, 6.0)]
    windows = windows_of(moments, 100.0, 110.0)
    assert [[what for _, what in window] for window in windows] == [[1.0, 2.0, 3.0], [4.0], [], [], [5.0, 6.0]]


def test_windows_are_the_repeats_of_both_rows() -> None:
    pressed = Pressed([[float(place)] * 100 for place in range(1, WINDOWS + 1)], [1.0, 3.0, 2.0, 5.0, 4.0], 0)
    single, imported = pressed.rows(1_000_000, [8.0])
    assert (single.figure, len(single.repeats)) == (3.0, WINDOWS)
    assert imported.figure == 3.0
    assert imported.ratio == pytest.approx(3 / 8)
    assert imported.details == {"rows_a_second_in_all": 3.0}
