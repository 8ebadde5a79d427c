"""The load: clients, each with people of its own, who measure, move and assess them nearly without a pause."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from random import Random
from typing import Final

from deploy.demo.population.people import Person, Population
from tests.faults import writes
from tests.faults.client import Client
from tests.faults.log import Log
from tests.faults.settling import until_met
from tests.faults.system import System

CLIENTS: Final = 6
_PAUSE: Final = 0.25
"""Seconds at most between two requests of a client: some hundred writes a second in all."""
_A_BATCH: Final = (5, 25)
_A_HUNDRED: Final = 100


def population_of(size: int) -> Population:
    """Some people, spread over all governments."""
    return Population(size, date(2026, 1, 1))


async def settle_in(system: System, log: Log, people: Sequence[Person]) -> None:
    """All of them are registered, measured and assessed."""
    client = Client(system, log, Random(0))  # noqa: S311  # reproducible on purpose
    for part in _parts(people):
        await client.send(writes.employees(log.next_number(), part))
    await until_met(system, len(log.told))
    for part in _parts(people):
        await client.send(writes.assessments(log.next_number(), [(each, each.assessment) for each in part]))
        for year in (0, 1):
            rated = [(each, each.ratings[year]) for each in part]
            await client.send(writes.scores(log.next_number(), rated))


def _parts(people: Sequence[Person]) -> list[Sequence[Person]]:
    return [people[start : start + _A_HUNDRED] for start in range(0, len(people), _A_HUNDRED)]


@asynccontextmanager
async def loading(system: System, log: Log, population: Population, seed: str) -> AsyncIterator[None]:
    """The load goes on while inside; on leaving, every client ends the request that it is about."""
    ending = asyncio.Event()
    nips = sorted(log.told)
    shares = [nips[place::CLIENTS] for place in range(CLIENTS)]
    async with asyncio.TaskGroup() as group:
        for place, share in enumerate(shares):
            chance = Random(f"{seed}/{place}")  # noqa: S311  # reproducible on purpose
            writer = _Writer(log, population, share, chance)
            group.create_task(writer.write(Client(system, log, chance), ending))
        try:
            yield
        finally:
            ending.set()


class _Writer:
    def __init__(self, log: Log, population: Population, nips: Sequence[str], chance: Random) -> None:
        self._log, self._population, self._nips, self._chance = log, population, nips, chance

    async def write(self, client: Client, ending: asyncio.Event) -> None:
        while not ending.is_set():
            await client.send(self._next())
            await asyncio.sleep(_PAUSE * self._chance.random())

    def _next(self) -> writes.Request:
        number, chance = self._log.next_number(), self._chance
        told = self._log.told[chance.choice(self._nips)]
        match chance.choices(("score", "scores", "employee", "assessment"), cum_weights=(50, 65, 85, 100))[0]:
            case "score":
                return writes.scores(number, [(told.person, writes.any_rating(chance))])
            case "scores":
                together = chance.sample(self._nips, min(len(self._nips), chance.randint(*_A_BATCH)))
                rated = [(self._log.told[nip].person, writes.any_rating(chance)) for nip in together]
                return writes.scores(number, rated)
            case "employee":
                person = writes.moved(chance, told.person, self._population)
                return writes.employee(number, person, told.version)
            case _:
                measured = writes.any_assessment(chance, told.person)
                return writes.assessments(number, [(told.person, measured)])
