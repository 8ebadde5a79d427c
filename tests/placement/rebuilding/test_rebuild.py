"""Rebuilding the talents from both inputs, while more of both comes in."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from services.placement.talents.queries import CONTENT
from services.placement.talents.rules import evaluate
from shared.events.assessment import AssessmentState
from shared.events.envelope import Cause
from shared.events.placement import TalentState
from shared.events.profile import EmployeeState
from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS
from tests.placement.arrivals import BEGINNING
from tests.placement.people import DEFAULT, assessment, employee, measure, punishment
from tests.service import connected
from tests.shared.conditions import until
from tests.shared.rebuilding.scene import PATIENCE, Scene, Telling, meanwhile, scene_of

PEOPLE: Final = 60
CAUSE: Final = Cause(BEGINNING, ("test/1",))


def person(number: int) -> UUID:
    return UUID(int=number)


class Told(Telling):
    """The newest of both inputs of everybody."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene, seed=11)
        self.employees: dict[UUID, EmployeeState] = {}
        self.assessments: dict[UUID, AssessmentState] = {}

    async def tell(self, *numbers: int) -> None:
        """The next state of each of these people, and of what was measured of them."""
        for number in numbers:
            await self.tell_of(person(number))

    async def tell_of(self, employee_id: UUID) -> None:
        hired, measured = self.employees.get(employee_id), self.assessments.get(employee_id)
        self.employees[employee_id] = employee(
            employee_id,
            version=hired.version + 1 if hired else 1,
            region=self.chance.choice(("33.74", "33.01")),
            discipline=[punishment("SEDANG", "2026-02-01")] if self.chance.random() < 0.2 else [],
        )
        self.assessments[employee_id] = assessment(
            employee_id,
            version=measured.version + 1 if measured else 1,
            potential=measure("score", self.chance.randrange(30, 100)),
        )
        await self.scene.publish(EMPLOYEES, [self.employees[employee_id]], CAUSE)
        await self.scene.publish(RESULTS, [self.assessments[employee_id]], CAUSE)
        self.count += 2

    async def tell_somebody(self) -> None:
        """Nobody who is to be damaged: an event that overtakes the repair may make a version that others know."""
        await self.tell(self.chance.randrange(20, PEOPLE))


@pytest_asyncio.fixture(loop_scope="session")
async def scene(stack: Stack) -> AsyncIterator[Scene]:
    async with scene_of(stack, "placement") as scene:
        yield scene


@pytest_asyncio.fixture(loop_scope="session")
async def told(scene: Scene) -> AsyncIterator[Told]:
    """Everybody has both inputs; the worker goes on working."""
    async with Told(scene).working(*range(PEOPLE), *range(0, PEOPLE, 4)) as told:
        yield told


DAMAGE: Final = {
    "changed box": "UPDATE derived.talent SET box = 1, talent_value = 3 WHERE employee_id = $1",
    "deleted": "DELETE FROM derived.talent WHERE employee_id = $1",
    "changed input": (
        "UPDATE derived.talent SET employee = jsonb_set(employee, '{region}', '\"33.99\"') WHERE employee_id = $1"
    ),
    "unreadable input": (
        """UPDATE derived.talent SET employee = employee || '{"education": "X"}' WHERE employee_id = $1"""
    ),
    "input ahead": "UPDATE derived.talent SET assessment_version = assessment_version + 50 WHERE employee_id = $1",
    "input stale": "UPDATE derived.talent SET employee_version = 0, employee = NULL WHERE employee_id = $1",
    "version behind": "UPDATE derived.talent SET version = 0 WHERE employee_id = $1",
    "never due": "UPDATE derived.talent SET next_change_on = NULL WHERE employee_id = $1",
}
"""What befalls one person each."""
FOREIGN: Final = """
    INSERT INTO derived.talent (
        employee_id, employee, employee_version, employee_contract, assessment_version, assessment_contract,
        version, region, next_change_on
    )
    SELECT $1, employee, 1, 1, 0, 0, 1, region, next_change_on
    FROM derived.talent WHERE employee IS NOT NULL LIMIT 1
"""


async def damage(outside: Any) -> None:
    for number, statement in enumerate(DAMAGE.values(), start=1):
        await outside.execute(statement, person(number))
    await outside.execute(FOREIGN, person(10**6))


async def wrong(scene: Scene, told: Told) -> list[Any]:
    """Rows that are not what follows from the newest inputs by the pure rules."""
    today: date = await scene.outside.fetchval("SELECT (now() AT TIME ZONE 'Asia/Jakarta')::date")
    rows = {row["employee_id"]: row for row in await scene.outside.fetch("SELECT * FROM derived.talent")}
    found: list[Any] = [*(rows.keys() ^ told.employees.keys())]
    for employee_id, hired in told.employees.items():
        measured, row = told.assessments[employee_id], rows[employee_id]
        due = evaluate(hired, measured, DEFAULT, today)
        must_be = {
            "employee_version": hired.version,
            "assessment_version": measured.version,
            "region": hired.region,
            "x": due.x,
            "y": due.y,
            "talent_value": due.value,
            "box": due.box,
            "in_pool": due.in_pool,
            "vetoes": [veto.code for veto in due.vetoes],
            "next_change_on": due.next_change_on,
        }
        found += [(employee_id, name, row[name], value) for name, value in must_be.items() if row[name] != value]
    return found


async def last_published(scene: Scene) -> dict[UUID, TalentState]:
    """The last record of everybody in the topic, which must bear the highest of his versions."""
    last: dict[UUID, TalentState] = {}
    highest: dict[UUID, int] = {}
    for record in await scene.records(TALENTS):
        state = TalentState.model_validate_json(record.value)
        last[state.employee_id] = state
        highest[state.employee_id] = max(state.version, highest.get(state.employee_id, 0))
    assert {employee_id: state.version for employee_id, state in last.items()} == highest
    return last


async def test_nothing_differs_where_nothing_is_wrong(scene: Scene, told: Told) -> None:
    async with meanwhile(told.tell_somebody, 0.03):
        assert await scene.rebuild() == 0
    assert await _settled(scene, told) == []


async def _settled(scene: Scene, told: Told) -> list[Any]:
    await told.taken_in()
    return await wrong(scene, told)


async def test_a_look_names_what_differs(scene: Scene, told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    await damage(scene.outside)
    assert await scene.rebuild(json=True) == 1
    found = json.loads(capsys.readouterr().out)["differences"]
    assert {(row["table"], row["cause"]) for row in found["causes"]} == {
        ("talent: inputs", "missing"),
        ("talent: inputs", "stale"),
        ("talent: inputs", "ahead of the topic"),
        ("talent: inputs", "not from the topic"),
        ("talent: inputs", "other content at the same version"),
        ("talent: result", "missing"),
        ("talent: result", "not from the topic"),
        ("talent: result", "other result of the same inputs"),
        ("talent: version", "behind what was published"),
    }
    assert sum(row["rows"] for row in found["causes"]) == 12


async def test_repairs_all_of_it_while_more_comes_in(scene: Scene, told: Told) -> None:
    before = await last_published(scene)
    await damage(scene.outside)
    async with meanwhile(told.tell_somebody, 0.02):
        assert await scene.rebuild(apply=True) == 0
    assert await _settled(scene, told) == []
    after = await last_published(scene)
    rows = {row["employee_id"]: row for row in await scene.outside.fetch("SELECT * FROM derived.talent")}
    for employee_id, row in rows.items():
        assert after[employee_id].version == row["version"]
        assert all(
            getattr(after[employee_id], name) == (tuple(row[name]) if isinstance(row[name], list) else row[name])
            for name in CONTENT
        )
    # All that was repaired was published anew, above what others had been told.
    for number in range(1, len(DAMAGE) + 1):
        assert after[person(number)].version > before[person(number)].version
    assert await scene.rebuild() == 0


async def test_a_row_that_cannot_be_read_is_repaired_though_it_is_due(scene: Scene) -> None:
    async with Told(scene).working(1, 2) as told:
        pass
    await scene.outside.execute(
        """
        UPDATE derived.talent SET employee = employee || '{"education": "X"}', next_change_on = '2026-01-01'
        WHERE employee_id = $1
        """,
        person(1),
    )
    assert await scene.rebuild() == 1
    assert await scene.rebuild(apply=True) == 0
    assert await wrong(scene, told) == []


async def test_a_person_whom_others_were_told_of_is_shown_but_stays(scene: Scene, told: Told) -> None:
    await told.tell_of(person(99))
    await told.taken_in()
    state = (await last_published(scene))[person(99)].model_copy(
        update={"employee_id": person(10**6), "version": 5}
    )
    await scene.publish(TALENTS, [state], CAUSE)
    await scene.outside.execute(FOREIGN, person(10**6))
    # Once above what others know, and no more: there is nothing to mend.
    for _ in range(2):
        assert await scene.rebuild(apply=True) == 1
        assert (
            await scene.outside.fetchval(
                "SELECT version FROM derived.talent WHERE employee_id = $1", person(10**6)
            )
            == 6
        )


async def test_a_swap_keeps_every_version_and_loses_nothing(scene: Scene, told: Told) -> None:
    await damage(scene.outside)
    async with meanwhile(told.tell_somebody, 0.02):
        assert await scene.rebuild(swap=True) == 0
    assert await _settled(scene, told) == []
    after = await last_published(scene)
    assert {
        row["employee_id"]: row["version"] for row in await scene.outside.fetch("SELECT * FROM derived.talent")
    } == {employee_id: state.version for employee_id, state in after.items()}
    assert (
        await scene.outside.fetchval(
            "SELECT count(*) FROM pg_statistic_ext WHERE stxname = 'st_talent_region_province'"
            " AND stxnamespace = 'derived'::regnamespace AND stxrelid = 'derived.talent'::regclass",
        )
        == 1
    )
    assert await scene.rebuild() == 0


async def test_a_swap_keeps_what_a_job_is_just_telling_others(scene: Scene, told: Told) -> None:
    """Jobs are no batches: one may commit while the swap waits for the tables."""
    of_somebody = "derived.talent WHERE employee_id = $1"
    version = await scene.outside.fetchval(f"SELECT version FROM {of_somebody}", person(1))

    async def waits() -> bool:
        found: bool = await scene.outside.fetchval(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'derived.talent'::regclass AND NOT granted)"
        )
        return found

    async with connected(scene.settings.database_url) as job, job.transaction():
        await job.execute("UPDATE derived.talent SET version = version + 1 WHERE employee_id = $1", person(1))
        swap = asyncio.create_task(scene.rebuild(swap=True))
        await until(waits, PATIENCE)
    assert await swap == 0
    assert await scene.outside.fetchval(f"SELECT version FROM {of_somebody}", person(1)) == version + 1
