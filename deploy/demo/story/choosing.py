"""Chooses whose score tells the story: somebody whose box, pool and, where it can be, region's rank will move."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from deploy.demo.population.measuring import Rating
from deploy.demo.population.people import Person
from deploy.demo.recomputation.expected import Inputs
from services.placement.talents.rules import Evaluation
from shared.asn.predikat import Ekspektasi

_RISE_OF_Y: Final = Decimal(10)
"""From BAIK and BAIK (80, meets expectation) to BAIK and SANGAT BAIK (90, above)."""
_OUT_OF_REACH: Final = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person and the rating that will be posted for the latest year, with what follows before and after."""

    person: Person
    rating: Rating
    before: Evaluation
    after: Evaluation

    @property
    def ratings(self) -> tuple[Rating, Rating]:
        return self.person.ratings[0], self.rating


def choose(inputs: Inputs, indexes: Mapping[str, Decimal], on: date) -> Candidate | None:
    """The first who enters a pool by one SANGAT BAIK, from the region that is nearest to the next rank.

    Somebody without an eselon, if there is one: many are ranked at such a level. `indexes` are the merit indexes
    of the ranked regions as they stand. None in a population too small for it.
    """
    with_eselon: Candidate | None = None
    for region in by_reach(inputs, indexes):
        for candidate in candidates(inputs, region, on):
            if candidate.person.eselon is None:
                return candidate
            with_eselon = with_eselon or candidate
    return with_eselon


def by_reach(inputs: Inputs, indexes: Mapping[str, Decimal]) -> list[str]:
    """Regions in the order of how many such scores they are from overtaking the next."""
    sizes = {government.code: government.size for government in inputs.population.governments}

    def reach(region: str) -> Decimal:
        if region not in indexes:
            return _OUT_OF_REACH
        gaps = [index - indexes[region] for index in indexes.values() if index > indexes[region]]
        return min(gaps) * sizes[region] / _RISE_OF_Y if gaps else _OUT_OF_REACH

    return sorted((region for region, size in sizes.items() if size), key=lambda region: (reach(region), region))


def candidates(inputs: Inputs, region: str, on: date) -> Iterator[Candidate]:
    """Everybody of a region who enters the pool when the latest score is raised to SANGAT BAIK."""
    (government,) = [each for each in inputs.population.governments if each.code == region]
    for person in inputs.population.people_of(government):
        rating = replace(person.ratings[1], hasil=Ekspektasi.DI_ATAS, perilaku=Ekspektasi.DI_ATAS)
        if rating == person.ratings[1]:
            continue
        before = inputs.talent(person, on)
        raised = Inputs(inputs.population, {person.index: (person.ratings[0], rating)})
        after = raised.talent(person, on)
        if before.box != after.box and after.in_pool and not before.in_pool:
            yield Candidate(person, rating, before, after)
