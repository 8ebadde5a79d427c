"""Single scores, posted and watched over HTTP for as long as something else goes on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import inf
from typing import Final

from bench.freshness.scoring import NEVER, Score, Scoring
from bench.installation import Bench
from bench.people import ids_of, population_of, spread_over
from deploy.demo.population.people import Person

_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class SingleScores:
    """Of these people, one after the other, each at most once a turn."""

    scoring: Scoring
    people: Sequence[Person]

    async def until(self, done: asyncio.Task[float], turn: int, *, rate: int) -> list[tuple[float, float]]:
        """At a constant rate, a second's worth at a time, until the task has ended, which tells when that was.

        Of those that were watched, when each was due, in seconds since 1970, and the milliseconds until box and
        rank could be read. Whatever fails ends the task too.
        """
        scores: list[Score] = []
        try:
            for first in range(0, len(self.people), rate):
                some = self.people[first : first + rate]
                scores += await self.scoring.run(some, turn, rate=rate, count=len(some))
                if done.done():
                    break
            ended = await done
        finally:
            done.cancel()
        return [(score.due, _milliseconds(score)) for score in scores if score.box_read and score.due < ended]


@asynccontextmanager
async def single_scores(bench: Bench) -> AsyncIterator[SingleScores]:
    """Of people of all governments. The services run and hold the population of the bench."""
    population = population_of(bench.sizes.employees)
    people = spread_over(population, min(population.total, _MOST))
    async with (
        bench.client("assessment") as assessment,
        bench.client("placement", "province_operator") as placement,
        bench.client("reporting", "province_operator") as reporting,
    ):
        ids = await ids_of(bench, people)
        yield SingleScores(Scoring(assessment, placement, reporting, ids, population.on.year - 1), people)


def _milliseconds(score: Score) -> float:
    if score.visible is None or score.visible == inf:
        return NEVER
    return (score.visible - score.due) * 1000
