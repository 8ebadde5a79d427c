"""What a country needs, on paper."""

import pytest

from bench.rollout import needs


def test_cores_are_rate_times_cost_in_every_pattern() -> None:
    by_night, by_day, at_last = needs({"api": 10.0, "database": 30.0}, employees=604_800)
    assert by_night.rate == pytest.approx(1.0)
    assert by_night.working == pytest.approx({"api": 0.01, "database": 0.03})
    assert by_day.rate == pytest.approx(4.2)
    assert at_last.rate == pytest.approx(21.0)
    assert at_last.working["database"] == pytest.approx(0.63)


@pytest.mark.parametrize(("cost", "cores"), [(0.01, 1), (600.0, 1), (601.0, 2), (1200.0, 2), (6000.0, 10)])
def test_whole_cores_that_are_not_fuller_than_is_good_for_queues(cost: float, cores: int) -> None:
    assert needs({"all": cost}, employees=604_800)[0].cores == cores
