"""What HTTP answers, beside what was recomputed: all regions, and people spread over the whole population."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from deploy.demo.installation.api import Api
from deploy.demo.installation.stored import NOBODY, Stored
from deploy.demo.population.people import Person
from deploy.demo.recomputation.expected import Inputs
from deploy.demo.recomputation.recounting import Recount, unit_scope
from deploy.demo.verification.comparing import Difference, expected_board, of_row
from services.placement.talents.rules import Evaluation
from services.reporting.boards.rules import policy_in_force
from services.reporting.boards.schemas import Region, public_regions
from services.reporting.ranks.rules import scopes_of

_ASKED: Final = 250


def sample(inputs: Inputs) -> list[Person]:
    """Some hundred people at equal steps, and those whose scores were amended."""
    total = inputs.population.total
    indexes = {*range(0, total, max(1, total // _ASKED)), *inputs.amendments}
    return [inputs.population.person(index) for index in sorted(indexes)]


async def of_regions(api: Api, recount: Recount) -> list[Difference]:
    """Index and rank of every region: by itself, and on the board as the public is shown these same numbers."""
    answered = await api.get("reporting/v1/boards/merit")
    standings: list[Region] = []
    found: list[Difference] = []
    for region, expected in expected_board(recount).items():
        standing = await api.get(f"reporting/v1/regions/{region}/standing")
        found += of_row(f"HTTP, standing {region}", expected, _standing(standing))
        tally = recount.tallies[region]
        counts = {name: tally[name] for name in ("active", "with_value", "with_x", "with_y", "boxed", "in_pool")}
        found += of_row(f"HTTP, counts {region}", counts, standing["counts"])
        standings.append(Region.model_validate(standing))
    board = {row["region_code"]: _standing(row) for row in answered["regions"]}
    for shown in public_regions(standings, policy_in_force().smallest_cell):
        row = _standing(shown.model_dump())
        found += of_row(f"HTTP, board {shown.region_code}", row, board.get(shown.region_code))
    return found


def _standing(row: dict[str, Any]) -> dict[str, Any]:
    reason = row["unranked_reason"]
    return {"index": row["index"], "rank": row["rank"], "unranked_reason": reason and reason["code"]}


async def of_people(api: Api, stored: Stored, inputs: Inputs, today: date, recount: Recount) -> list[Difference]:
    """Talent and every rank of the people of the sample."""
    people = sample(inputs)
    there = await stored.people([person.nip for person in people])
    found: list[Difference] = []
    for person in people:
        row = there.get(person.nip, NOBODY)
        if row.employee_id is None:
            found.append(Difference(f"profile, person {person.index}", "employee", "known", None))
            continue
        evaluation = inputs.talent(person, row.day or today)
        talent = await api.find(f"placement/v1/talents/{row.employee_id}")
        found += of_row(f"HTTP, talent {row.employee_id}", _talent(evaluation), talent and _answered(talent))
        ranks = await api.find(f"reporting/v1/ranks/{row.employee_id}")
        found += _of_ranks(f"HTTP, ranks {row.employee_id}", person, evaluation, ranks, recount)
    return found


def _talent(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "x": evaluation.x,
        "y": evaluation.y,
        "talent_value": evaluation.value,
        "box": evaluation.box,
        "in_pool": evaluation.in_pool,
        "vetoes": [veto.code for veto in evaluation.vetoes],
        "policy_id": evaluation.policy_id,
    }


def _answered(talent: dict[str, Any]) -> dict[str, Any]:
    return {**talent, "vetoes": [veto["code"] for veto in talent["vetoes"]]}


def _of_ranks(
    where: str, person: Person, evaluation: Evaluation, answered: Any | None, recount: Recount
) -> Iterator[Difference]:
    if not evaluation.active or evaluation.value is None:
        yield from of_row(where, {"ranks": None}, answered)
        return
    yield from of_row(where, {"value": evaluation.value, "box": evaluation.box}, answered)
    ranks = (answered or {}).get("ranks") or {}
    hundredths = int(evaluation.value * 100)
    scopes: list[tuple[str, str]] = [*scopes_of(person.region, person.level).items(), ("unit", unit_scope(person))]
    for name, scope in scopes:
        expected = {"rank": recount.rank(scope, hundredths), "size": len(recount.ascending[scope])}
        yield from of_row(f"{where}, {name}", expected, ranks.get(name))
