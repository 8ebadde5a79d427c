"""One turn of single scores: what each hop took, and what the processes spent for a score."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.freshness.hops import Starts, hops_of
from bench.freshness.scoring import NEVER, WATCHED, Scoring, scoring_of
from bench.installation import Bench
from bench.people import population_of, spread_over
from bench.usage import Processor
from deploy.demo.population.people import Person
from deploy.local.processes import Child


@dataclass(frozen=True, slots=True)
class Turn:
    """Milliseconds of each hop; seconds of the processor for one score, by process and of the bench's client."""

    hops: Mapping[str, list[float]]
    costs: Mapping[str, float]
    client: float

    @property
    def watched(self) -> list[float]:
        """Milliseconds from when a score was due until box and rank could be read over HTTP."""
        return self.hops["total"]


@dataclass(frozen=True, slots=True)
class Turns:
    """Services that run and hold the population, whom scores are posted of, and the clients that post and read."""

    bench: Bench
    services: Sequence[Child]
    people: Sequence[Person]
    scoring: Scoring

    async def take(self, number: int, rate: int) -> Turn:
        """Scores of the turn `number`, `rate` a second, each of somebody else."""
        count = min(len(self.people), round(rate * self.bench.sizes.freshness_seconds))
        starts = await Starts.of(self.bench)
        processor, began = Processor([*self.bench.stack.children, *self.services]), time.process_time()
        scores = await self.scoring.run(self.people, number, rate=rate, count=count)
        client = (time.process_time() - began) / max(1, count)
        costs = {name: taken / max(1, len(scores)) for name, taken in processor.seconds().items()}
        hops = await hops_of(self.bench, scores, starts)
        # Every fifth of those that were not taken would have been watched.
        hops["total"] += [NEVER] * ((count - len(scores)) // WATCHED)
        return Turn(hops, costs, client)


@asynccontextmanager
async def turns_of(bench: Bench, services: Sequence[Child]) -> AsyncIterator[Turns]:
    """Ready to be taken."""
    await bench.checkpoint()
    people = spread_over(population_of(bench.sizes.employees), bench.sizes.scored)
    async with scoring_of(bench, people) as scoring:
        yield Turns(bench, services, people, scoring)
