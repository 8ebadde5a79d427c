"""Sums and ranks counted afresh, the plain way: one pass over everybody, then sorted lists."""

from array import array
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from deploy.demo.population.people import Person
from services.placement.talents.rules import Evaluation
from services.reporting.ranks.rules import scopes_of


@dataclass
class Recount:
    """Tallies per region in the columns of reporting's table, and the values of everybody in each scope.

    Values are in hundredths, sums of x and y in ten-thousandths. A scope takes two bytes an employee.
    """

    people: int = 0
    tallies: dict[str, Counter[str]] = field(default_factory=dict)
    values: dict[str, "array[int]"] = field(default_factory=dict)

    def add(self, person: Person, evaluation: Evaluation) -> None:
        """Count one person; nobody who is not active counts in a sum or a rank."""
        self.people += 1
        tally = self.tallies.setdefault(person.region, Counter())
        if not evaluation.active:
            return
        tally.update(active=1, boxed=evaluation.box is not None, in_pool=evaluation.in_pool)
        for name, number, unit in (("x", evaluation.x, 10_000), ("y", evaluation.y, 10_000)):
            if number is not None:
                tally.update({f"with_{name}": 1, f"{name}_sum": int(number * unit)})
        if evaluation.value is not None:
            hundredths = int(evaluation.value * 100)
            tally.update(with_value=1, value_sum=hundredths)
            for scope in scopes_of_person(person):
                self.values.setdefault(scope, array("H")).append(hundredths)

    @cached_property
    def ascending(self) -> dict[str, list[int]]:
        """The values of each scope in order; to be asked for when all are counted."""
        return {scope: sorted(values) for scope, values in self.values.items()}

    def rank(self, scope: str, hundredths: int) -> int:
        """1 for the highest; equal value, equal rank (1, 2, 2, 4)."""
        return len(self.ascending[scope]) - bisect_right(self.ascending[scope], hundredths) + 1


def unit_scope(person: Person) -> str:
    """The unit of a person; reporting keeps no histogram of it."""
    return f"unit/{person.unit_id}"


def scopes_of_person(person: Person) -> tuple[str, ...]:
    """Everything that a person is ranked in."""
    return (*scopes_of(person.region, person.level).values(), unit_scope(person))
