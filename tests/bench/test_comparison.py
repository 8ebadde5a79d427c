"""The job that the programs are compared by."""

import pytest

from bench.comparison.job import box_of, events, expected


@pytest.mark.parametrize(
    ("x", "y", "box"),
    [
        (0, 0, 1),
        (59, 69, 1),
        (60, 0, 3),
        (80, 0, 6),
        (0, 70, 2),
        (60, 70, 5),
        (80, 89, 8),
        (0, 90, 4),
        (100, 100, 9),
    ],
)
def test_boxes_follow_the_nine_box_map(x: int, y: int, box: int) -> None:
    assert box_of(x, y) == box


def test_every_person_is_scored_twice_and_the_tally_is_of_the_second() -> None:
    told = list(events(10))
    assert [event["version"] for event in told] == [1] * 5 + [2] * 5
    assert len({event["employee_id"] for event in told}) == 5
    second = [(event["region"], box_of(event["x"], event["y"])) for event in told[5:]]
    tally = expected(10)
    assert sum(tally.values()) == 5
    assert all(tally[place] == second.count(place) for place in second)
