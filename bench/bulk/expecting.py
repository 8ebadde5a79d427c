"""What the sums of all regions must be after an import, by the services' own pure rules."""

from collections.abc import Mapping
from typing import Any

from bench.installation import today
from bench.people import rating_in
from deploy.demo.installation.stored import Stored
from deploy.demo.population.people import Population
from deploy.demo.recomputation.expected import Inputs
from deploy.demo.recomputation.recounting import Recount

Tallies = Mapping[str, Mapping[str, int]]


def expected_tallies(population: Population, turn: int) -> Tallies:
    """Counted afresh, person by person, where everybody has the ratings of this turn in both years."""
    recount, on = Recount(), today().date()
    for person in population.people():
        older, newer = (rating_in(turn, person, rating.year) for rating in person.ratings)
        recount.add(person, Inputs(population, {person.index: (older, newer)}).talent(person, on))
    return recount.tallies


async def is_exact(stored: Stored, expected: Tallies) -> bool:
    """Whether reporting's sums are these in every column of every region, with nothing on its way any more."""
    found = await stored.tallies()
    return all(_equal(found.get(region, {}), tally) for region, tally in expected.items()) and not (
        await stored.on_the_way()
    )


def _equal(found: Mapping[str, Any], expected: Mapping[str, int]) -> bool:
    return all(count == expected.get(column, 0) for column, count in found.items() if column != "region")
