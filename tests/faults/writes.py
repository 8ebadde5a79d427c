"""What is written: requests of one or many writes, each recognisable wherever it arrives."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any, Final

from deploy.demo.population import bodies
from deploy.demo.population.measuring import Assessment, Rating
from deploy.demo.population.people import Person, Population
from shared.asn.predikat import Ekspektasi

Content = Person | Rating | Assessment
_YEARS: Final = (2023, 2024, 2025)
_STATUSES: Final = ("01", "01", "01", "03", "04")
"""Kedudukan hukum: active, mostly."""


@dataclass(frozen=True, slots=True)
class Write:
    """One thing told of one person. Of a request, a person has one write."""

    request: int
    nip: str
    content: Content

    @property
    def mark(self) -> str:
        """By which it is recognised: the document of what was measured, the end of a post's title."""
        return f"F-{self.request}"


@dataclass(frozen=True, slots=True)
class Request:
    """`expected` is the version that an employee must have for his change to be taken."""

    number: int
    service: str
    path: str
    body: dict[str, Any]
    writes: tuple[Write, ...]
    method: str = "POST"
    expected: int | None = None


def employees(number: int, people: Sequence[Person]) -> Request:
    """All in one batch, as they are."""
    rows = [bodies.employee(person) for person in people]
    return Request(
        number,
        "profile",
        "/v1/employees:batch",
        {"employees": rows},
        _writes(number, list(zip(people, people, strict=True))),
    )


def employee(number: int, person: Person, version: int) -> Request:
    """A change of one employee, for who has seen `version`."""
    write = Write(number, str(person.nip), replace(person, title=f"{person.title.partition(' F-')[0]} F-{number}"))
    assert isinstance(write.content, Person)
    body = bodies.employee(write.content)
    path = f"/v1/employees/{body.pop('nip')}"
    return Request(number, "profile", path, body, (write,), method="PUT", expected=version)


def scores(number: int, given: Sequence[tuple[Person, Rating]]) -> Request:
    """A single one, or a batch."""
    writes = _writes(number, given)
    rows = [
        {**bodies.performance_score(one.nip, rating), "document": one.mark}
        for one, (_, rating) in zip(writes, given, strict=True)
    ]
    return _measured(number, "/v1/performance-scores", "scores", rows, writes)


def assessments(number: int, given: Sequence[tuple[Person, Assessment]]) -> Request:
    """A single one, or a batch."""
    writes = _writes(number, given)
    rows = [
        {**bodies.talent_assessment(replace(person, assessment=measured)), "document": one.mark}
        for one, (person, measured) in zip(writes, given, strict=True)
    ]
    return _measured(number, "/v1/talent-assessments", "assessments", rows, writes)


def _measured(number: int, path: str, name: str, rows: list[dict[str, Any]], writes: tuple[Write, ...]) -> Request:
    if len(rows) == 1:
        return Request(number, "assessment", path, rows[0], writes)
    return Request(number, "assessment", f"{path}:batch", {name: rows}, writes)


def _writes(number: int, given: Sequence[tuple[Person, Content]]) -> tuple[Write, ...]:
    return tuple(Write(number, str(person.nip), content) for person, content in given)


def any_rating(chance: Random) -> Rating:
    return Rating(chance.choice(_YEARS), chance.choice(list(Ekspektasi)), chance.choice(list(Ekspektasi)))


def any_assessment(chance: Random, person: Person) -> Assessment:
    """On the day of his first one, so that it takes its place."""
    jpm, potential = (Decimal(chance.randrange(3_000, 10_000)).scaleb(-2) for _ in range(2))
    return Assessment(person.assessment.assessed_on, jpm, potential)


def moved(chance: Random, person: Person, population: Population) -> Person:
    """In another government, perhaps no longer active."""
    government = chance.choice(population.governments)
    unit = chance.choice(government.units)
    return replace(person, region=government.code, unit_id=unit.unit_id, kedudukan_hukum=chance.choice(_STATUSES))
