"""Pictures."""

from xml.etree import ElementTree as ET

import pytest

from bench.drawing import Axis, around, lines, shares_below

SVG = "{http://www.w3.org/2000/svg}"


def test_a_logarithmic_axis_gives_each_decade_the_same_room() -> None:
    axis = Axis("ms", 1, 1000)
    assert [axis.place(value) for value in (1, 10, 100, 1000)] == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_what_lies_beyond_an_axis_is_drawn_at_its_end() -> None:
    axis = Axis("ms", 1, 1000)
    assert (axis.place(0.01), axis.place(5000)) == (0, 1)


def test_ticks() -> None:
    assert Axis("ms", 5, 200).ticks() == pytest.approx([5, 10, 20, 50, 100, 200])
    assert Axis("%", 0, 100, logarithmic=False).ticks() == pytest.approx([*range(0, 101, 10)])


@pytest.mark.parametrize(
    ("values", "bounds"), [([3.0, 70.0], (2, 100)), ([0.15, 0.6], (0.1, 1.0)), ([5.0, 20.0], (5, 20))]
)
def test_an_axis_around_values(values: list[float], bounds: tuple[float, float]) -> None:
    assert around(values) == pytest.approx(bounds)


def test_a_distribution_ends_with_all_values() -> None:
    assert shares_below([3.0, 1.0, 2.0, 4.0]) == [(1.0, 25.0), (2.0, 50.0), (3.0, 75.0), (4.0, 100.0)]
    assert shares_below(list(map(float, range(10_000))))[-1] == (9999.0, 100.0)


def test_a_picture_is_well_formed_whatever_its_words_are() -> None:
    series = {"a < b & c": [(1.0, 0.0), (10.0, 100.0)]}
    share = Axis("%", 0, 100, logarithmic=False)
    root = ET.fromstring(lines("x > y", Axis("ms", 1, 10), share, series, marked=5.0))  # noqa: S314 - our own text
    assert [title.text for title in root.iter(f"{SVG}title")] == ["x > y"]
    assert "a < b & c" in [text.text for text in root.iter(f"{SVG}text")]
    # The line goes from the lower left corner of the field to its upper right one.
    assert any(path.get("d") == "M64.0 348.0L740.0 44.0" for path in root.iter(f"{SVG}path"))


def test_a_line_of_one_point_is_a_dot() -> None:
    axis = Axis("ms", 0, 10, logarithmic=False)
    root = ET.fromstring(lines("", axis, axis, {"one": [(10.0, 0.0)], "two": [(0.0, 0.0), (1.0, 1.0)]}))  # noqa: S314
    assert [(dot.get("cx"), dot.get("cy")) for dot in root.iter(f"{SVG}circle")] == [("740.0", "348.0")]
