"""Single scores, posted and watched over HTTP for as long as something else goes on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bench.freshness.scoring import Scoring, scoring_of
from bench.installation import Bench
from bench.people import population_of, spread_over
from deploy.demo.population.people import Person

_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class SingleScores:
    """Of these people, one after the other, each at most once a turn."""

    scoring: Scoring
    people: Sequence[Person]

    async def until(self, done: asyncio.Task[float], turn: int, *, rate: int) -> list[tuple[float, float]]:
        """At a constant rate until the task has ended, which tells when that was.

        Of those that were watched, when each was due, in seconds since 1970, and the milliseconds until box and
        rank could be read. Whatever fails ends the task too.
        """
        try:
            scores = await self.scoring.run_until(done.done, self.people, turn, rate=rate)
            ended = await done
        finally:
            done.cancel()
        watched = ((score.due, score.milliseconds) for score in scores if score.due < ended)
        return [(due, milliseconds) for due, milliseconds in watched if milliseconds is not None]


@asynccontextmanager
async def single_scores(bench: Bench) -> AsyncIterator[SingleScores]:
    """Of people of all governments. The services run and hold the population of the bench."""
    population = population_of(bench.sizes.employees)
    people = spread_over(population, min(population.total, _MOST))
    async with scoring_of(bench, people) as scoring:
        yield SingleScores(scoring, people)
