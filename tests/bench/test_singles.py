"""Single scores beside something else."""

import asyncio
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import pytest

from bench.client import Unexpected
from bench.freshness.scoring import NEVER, Score, Scoring
from bench.pressure.singles import SingleScores

SOMEBODY = UUID(int=1)


def _score(due: float, box_read: float | None, rank_read: float | None) -> Score:
    return Score(SOMEBODY, "33.74", due, due, box_read, rank_read)


class _Scoring:
    """Posts until it is told to end."""

    def __init__(self, *scores: Score) -> None:
        self.scores = scores

    async def run_until(self, ended: Callable[[], bool], *_people: Any, **_rate: Any) -> list[Score]:
        while not ended():  # noqa: ASYNC110 - as its caller hands it on
            await asyncio.sleep(0)
        return list(self.scores)


async def _ends_at(moment: float) -> float:
    await asyncio.sleep(0)
    return moment


async def test_what_is_watched_is_told_and_only_what_was_due_before_the_end() -> None:
    scores = (
        _score(10.0, 10.5, 10.25),
        _score(11.0, None, None),
        _score(12.0, 12.5, float("inf")),
        _score(13.0, 13.5, 13.5),
    )
    singles = SingleScores(cast("Scoring", _Scoring(*scores)), [])
    found = await singles.until(asyncio.create_task(_ends_at(13.0)), 1, rate=20)
    assert found == [(10.0, 500.0), (12.0, NEVER)]


async def test_a_score_that_fails_ends_what_it_goes_beside() -> None:
    class Fails:
        async def run_until(self, *_how: Any, **_rate: Any) -> list[Score]:
            raise Unexpected("500 instead of 201")

    beside = asyncio.create_task(asyncio.sleep(3_600, 0.0))
    with pytest.raises(Unexpected):
        await SingleScores(cast("Scoring", Fails()), []).until(beside, 1, rate=20)
    await asyncio.wait([beside])
    assert beside.cancelled()
