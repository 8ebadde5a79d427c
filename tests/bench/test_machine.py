"""How busy others are."""

from collections.abc import Callable, Iterator

import pytest

from bench import machine


def _told(*seconds: float) -> Callable[[], float]:
    told: Iterator[float] = iter(seconds)
    return lambda: next(told)


@pytest.mark.parametrize(("everybody", "percent"), [(101.75, 75.0), (101.0, 0.0), (100.9, 0.0)])
async def test_what_the_bench_takes_itself_is_not_others_work(
    monkeypatch: pytest.MonkeyPatch, everybody: float, percent: float
) -> None:
    monkeypatch.setattr(machine, "_LOOKED_FOR", 1.0)
    monkeypatch.setattr(machine, "_busy_seconds", _told(100.0, everybody))
    monkeypatch.setattr(machine, "_own_seconds", _told(40.0, 41.0))
    assert await machine.others_at_work() == pytest.approx(percent)
