"""The synthetic population in the services, and scores that move everybody each time."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from bench.installation import Bench, today
from deploy.demo.installation.api import Api
from deploy.demo.installation.stored import Stored
from deploy.demo.loading.sending import load
from deploy.demo.loading.settling import settle
from deploy.demo.population import bodies
from deploy.demo.population.measuring import Rating
from deploy.demo.population.people import Person, Population
from deploy.local.progress import say
from shared.asn.predikat import Ekspektasi

_EXPECTATIONS: Final = tuple(Ekspektasi)
TURNS: Final = len(_EXPECTATIONS)
"""After so many turns the ratings are the same again, though not the scores."""


def population_of(total: int) -> Population:
    """The same people each time in one year."""
    return Population(total, date(today().year, 1, 1))


async def load_everybody(bench: Bench, population: Population) -> None:
    """Through the services' own APIs, until all boxes, sums and ranks are there."""
    installation = bench.demonstration()
    async with Api(installation) as api, Stored(installation.databases) as stored:
        await settle(stored, await load(api, population, say), say)


def spread_over(population: Population, count: int) -> list[Person]:
    """`count` people from all governments, in an order that no neighbour shares."""
    everybody = list(population.people())
    step = max(1, len(everybody) // count)
    chosen = everybody[::step][:count]
    stride = next(number for number in (37, 41, 43) if len(chosen) % number)
    return [chosen[place * stride % len(chosen)] for place in range(len(chosen))]


async def ids_of(bench: Bench, people: Sequence[Person]) -> dict[str, UUID]:
    """Employee ids by NIP."""
    async with bench.looking_into("profile") as profile:
        rows = await profile.fetch(
            "SELECT nip, employee_id FROM source.employee WHERE nip = ANY($1::text[])",
            [str(person.nip) for person in people],
        )
    return {row["nip"]: row["employee_id"] for row in rows}


def rating_in(turn: int, person: Person, year: int) -> Rating:
    """Another one in each of three turns, so that the scores of a turn move y, value and ranks."""
    own = next(rating for rating in person.ratings if rating.year == year)
    place = _EXPECTATIONS.index(own.hasil) + 1 + turn
    expectation = _EXPECTATIONS[place % TURNS]
    return Rating(year, expectation, expectation)


def score_in(turn: int, person: Person, year: int) -> dict[str, Any]:
    """The body of a request with that rating. The document alone makes it another one than in any other turn."""
    return {**bodies.performance_score(person.nip, rating_in(turn, person, year)), "document": f"SKP {turn}"}
