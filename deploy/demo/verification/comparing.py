"""What must stand in the databases for one person or region, beside what does."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from deploy.demo.installation.stored import Row, StoredPerson
from deploy.demo.population.people import Person
from deploy.demo.recomputation.recounting import Recount
from services.placement.talents.rules import Evaluation
from services.reporting.boards.rules import assess, policy_in_force
from services.reporting.folding.rules import Tally
from services.reporting.ranks.rules import BLOCK

_MISSING: Final = "(missing)"


@dataclass(frozen=True, slots=True)
class Difference:
    """`where` names service and employee, region or scope; never a NIP."""

    where: str
    what: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.where}: {self.what} is {self.found}, recomputed {self.expected}"


def talent_of(person: Person, evaluation: Evaluation) -> dict[str, Any]:
    """The result columns of placement's row."""
    return {
        "region": person.region,
        "unit_id": person.unit_id,
        "level": person.level,
        "active": evaluation.active,
        "predikat": evaluation.predikat,
        "x": evaluation.x,
        "y": evaluation.y,
        "talent_value": evaluation.value,
        "box": evaluation.box,
        "no_box_reasons": list(evaluation.no_box_reasons),
        "eligible": evaluation.eligible,
        "vetoes": [veto.code for veto in evaluation.vetoes],
        "in_pool": evaluation.in_pool,
        "policy_id": evaluation.policy_id,
        "next_change_on": evaluation.next_change_on,
    }


def folded_of(person: Person, evaluation: Evaluation) -> dict[str, Any]:
    """The columns of reporting's folded copy: whole numbers, hundredths and ten-thousandths."""
    return {
        "region": person.region,
        "unit_id": person.unit_id,
        "level": person.level,
        "active": evaluation.active,
        "value": None if evaluation.value is None else int(evaluation.value * 100),
        "x": None if evaluation.x is None else int(evaluation.x * 10_000),
        "y": None if evaluation.y is None else int(evaluation.y * 10_000),
        "box": evaluation.box,
        "in_pool": evaluation.in_pool,
    }


def of_person(person: Person, evaluation: Evaluation, stored: StoredPerson) -> Iterator[Difference]:
    """Everything about one person that is not as it must be."""
    if stored.employee_id is None:
        yield Difference(f"profile, person {person.index}", "employee", "known", _MISSING)
        return
    talent, folded = f"placement {stored.employee_id}", f"reporting {stored.employee_id}"
    yield from of_row(talent, talent_of(person, evaluation), stored.talent)
    # The folded copy is of placement's newest version, not only equal in content.
    version = {} if stored.talent is None else {"version": stored.talent["version"]}
    yield from of_row(folded, {**folded_of(person, evaluation), **version}, stored.folded)


def of_row(where: str, expected: Mapping[str, Any], found: Row | None) -> Iterator[Difference]:
    """Column by column; a column that is not expected may hold anything."""
    if found is None:
        yield Difference(where, "row", "present", _MISSING)
        return
    for name, value in expected.items():
        if found[name] != value:
            yield Difference(where, name, value, found[name])


def of_tallies(recount: Recount, found: Mapping[str, Row]) -> Iterator[Difference]:
    """Every sum of every region, also of regions that should have none."""
    for region in sorted(recount.tallies.keys() | found.keys()):
        tally = recount.tallies.get(region, Counter())
        row = found.get(region)
        if row is None and not tally:
            continue  # a government without an active employee need not have a row
        names = [name for name in row or tally if name != "region"]
        yield from of_row(f"reporting, tally {region}", {name: tally[name] for name in names}, row)


Blocks = Sequence[tuple[int, int, Sequence[int]]]


def of_histograms(recount: Recount, found: Mapping[str, Blocks]) -> Iterator[Difference]:
    """Everybody's rank in every scope: as the histogram gives it, and as the sorted list does.

    Two people of equal value have equal rank, so that it is enough to ask for each value once.
    """
    scopes = {scope for scope in recount.ascending if not scope.startswith("unit/")}
    for scope in sorted(scopes | found.keys()):
        where = f"reporting, ranks in {scope}"
        ascending = recount.ascending.get(scope, [])
        counted = by_histogram(found.get(scope, ()))
        if counted is None:
            yield Difference(where, "total of a block", "the sum of its counts", "another")
            continue
        expected = {value: (recount.rank(scope, value), people) for value, people in Counter(ascending).items()}
        for value in sorted(expected.keys() | counted.keys()):
            if expected.get(value) != counted.get(value):
                what = f"(rank, people) of {value / 100:.2f}"
                yield Difference(where, what, expected.get(value), counted.get(value))


def by_histogram(blocks: Blocks) -> dict[int, tuple[int, int]] | None:
    """Rank and number of people of every value; None where a block's total is not the sum of its counts."""
    found: dict[int, tuple[int, int]] = {}
    above = 0
    for block, total, counts in sorted(blocks, reverse=True):
        if total != sum(counts):
            return None
        for place in range(len(counts) - 1, -1, -1):
            if counts[place]:
                found[block * BLOCK + place] = (above + 1, counts[place])
                above += counts[place]
    return found


def expected_board(recount: Recount) -> dict[str, dict[str, Any]]:
    """Index and rank of every region from the recounted sums; equal index, equal rank."""
    policy = policy_in_force()
    assessed = {region: assess(_tally(sums), policy) for region, sums in recount.tallies.items()}
    ranked = [each.index for each in assessed.values() if each.index is not None and not each.unranked_reason]
    return {
        region: {
            "index": each.index,
            "rank": None
            if each.index is None or each.unranked_reason
            else 1 + sum(o > each.index for o in ranked),
            "unranked_reason": each.unranked_reason,
        }
        for region, each in assessed.items()
    }


def _tally(sums: Mapping[str, int]) -> Tally:
    return Tally(**{name: sums.get(name, 0) for name in Tally._fields})


def of_board(recount: Recount, found: Mapping[str, Row]) -> Iterator[Difference]:
    """Index, rank and reason of every region."""
    for region, expected in expected_board(recount).items():
        yield from of_row(f"reporting, board {region}", expected, found.get(region))
