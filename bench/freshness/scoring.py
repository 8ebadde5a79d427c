"""Posts single scores at a constant rate, and watches over HTTP when what follows can be read."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Final
from uuid import UUID

from bench.client import Client, at_constant_rate
from bench.installation import Bench
from bench.people import ids_of, population_of, score_in
from deploy.demo.population.people import Person

WATCHED: Final = 5
"""Every how many scores one is watched: all of them would be three times as much load as is measured."""
_CREATED, _PENDING, _READ = 201, 202, 200
_BUSY: Final = frozenset({429, 503})
NEVER: Final = 60_000.0
"""Milliseconds that a score counts with where it was refused, or not visible in ten seconds."""


@dataclass(slots=True)
class Score:
    """One score on its way. Moments in seconds since 1970; those of the reads only where it was watched."""

    employee_id: UUID
    region: str
    due: float
    answered: float
    box_read: float | None = None
    rank_read: float | None = None

    @property
    def visible(self) -> float | None:
        """When box and regional rank could both be read."""
        return max(self.box_read, self.rank_read) if self.box_read and self.rank_read else None

    @property
    def milliseconds(self) -> float | None:
        """From due to visible: `NEVER` where that took too long, None where nobody watched."""
        if self.visible is None:
            return None
        return (self.visible - self.due) * 1000 if isfinite(self.visible) else NEVER


@dataclass
class Scoring:
    """The clients that a run goes through; scores that it has posted."""

    assessment: Client
    placement: Client
    reporting: Client
    ids: dict[str, UUID]
    year: int
    scores: list[Score] = field(default_factory=list)
    refused: int = 0
    """Scores that the services were too busy to take, since the beginning."""

    async def run(self, people: Sequence[Person], turn: int, *, rate: int, count: int) -> list[Score]:
        """Post `count` scores, each of somebody else; all that were taken, in the order of the answers.

        Raises bench.client.Unexpected where a score changes nothing.
        """
        # Made before the first is due: while they are sent, the two cores are the services'.
        requests = [self._request(person, turn) for person in people[:count]]
        return await self._run(people[:count], requests.__getitem__, rate)

    async def run_until(
        self, ended: Callable[[], bool], people: Sequence[Person], turn: int, *, rate: int
    ) -> list[Score]:
        """The same for as long as something else goes on, and as there are people."""
        return await self._run(people, lambda number: self._request(people[number], turn), rate, ended)

    async def _run(
        self,
        people: Sequence[Person],
        request: Callable[[int], bytes],
        rate: int,
        ended: Callable[[], bool] = lambda: False,
    ) -> list[Score]:
        self.scores = []

        async def post(number: int, due: float) -> None:
            await self._post(people[number], request(number), due, watched=number % WATCHED == 0)

        await at_constant_rate(rate, len(people), post, ended)
        return self.scores

    def _request(self, person: Person, turn: int) -> bytes:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return self.assessment.post("/v1/performance-scores", score_in(turn, person, self.year), key)

    async def _post(self, person: Person, request: bytes, due: float, *, watched: bool) -> None:
        answer = await self.assessment.send(request)
        if answer.status in _BUSY:
            self.refused += 1
            return
        answer.expect(_CREATED)
        score = Score(self.ids[str(person.nip)], person.region, due, time.time())
        self.scores.append(score)
        if watched:
            token = str(answer.header("Talenta-Token"))
            score.box_read, score.rank_read = await asyncio.gather(
                _read_after(self.placement, f"/v1/talents/{score.employee_id}", token),
                _read_after(self.reporting, f"/v1/regions/{person.region}/standing", token),
            )


async def _read_after(client: Client, path: str, token: str) -> float:
    """When the answer that contains the write has come; infinity where it has not come in ten seconds."""
    answer = await client.send(client.get(path, {"Talenta-After": token, "Prefer": "wait=10"}))
    if answer.status == _PENDING or answer.status in _BUSY:
        return inf
    answer.expect(_READ)
    return time.time()


@asynccontextmanager
async def scoring_of(bench: Bench, people: Sequence[Person]) -> AsyncIterator[Scoring]:
    """Of these people, through services that run and hold the population of the bench."""
    year = population_of(bench.sizes.employees).on.year - 1
    async with (
        bench.client("assessment") as assessment,
        bench.client("placement", "province_operator") as placement,
        bench.client("reporting", "province_operator") as reporting,
    ):
        yield Scoring(assessment, placement, reporting, await ids_of(bench, people), year)
