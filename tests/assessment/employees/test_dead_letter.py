"""A dead letter of an employee: replayed, it has all the effects of an arrival, and once."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest_asyncio
from aiokafka.structs import ConsumerRecord

from services.assessment.employees.projection import SUBSCRIPTION
from shared.db.session import Database
from shared.dead_letters.queries import Outcome
from shared.dead_letters.repair import Repair
from shared.events.envelope import Cause, headers_of
from shared.events.profile import EmployeeState
from shared.kafka.dead_letter import DeadLetter, bury
from shared.kafka.topics import EMPLOYEES
from tests.assessment.conftest import Arrive
from tests.assessment.events import published
from tests.assessment.people import ARRIVED_AT, KENDAL, employee, employee_id, score


def _record(state: EmployeeState) -> ConsumerRecord:
    cause = Cause(ARRIVED_AT, (f"employee/{state.employee_id}",))
    headers = headers_of(
        topic=EMPLOYEES.name, key=state.key, version=state.version, contract=state.CONTRACT, cause=cause
    )
    value = state.model_dump_json().encode()
    return ConsumerRecord(EMPLOYEES.name, 3, 7, 0, 0, state.key.encode(), value, None, 0, 0, headers)


@pytest_asyncio.fixture
async def letter(database: Database, connection: asyncpg.Connection) -> int:
    """Version 2 of employee 1, who served in Kendal then."""
    await connection.execute("DELETE FROM source.dead_letter")
    async with database.transaction() as session:
        dead = DeadLetter(_record(employee(1, version=2, region=KENDAL)), "a handler that is mended now")
        await bury(session, SUBSCRIPTION.group, [dead])
    found: int = await connection.fetchval("SELECT id FROM source.dead_letter")
    return found


async def _replay_twice_at_once(database: Database, letter: int) -> set[Any]:
    repair = Repair(database, [SUBSCRIPTION], namespace="", actor="siti")
    return {treated.outcome for treated in await asyncio.gather(repair.replay(letter), repair.replay(letter))}


async def test_the_waiting_score_takes_effect_once(
    database: Database, connection: asyncpg.Connection, client: httpx.AsyncClient, letter: int
) -> None:
    received = (await client.post("/v1/performance-scores", json=score(1))).json()
    assert await _replay_twice_at_once(database, letter) == {Outcome.REPLAYED, None}
    [event] = await published(connection)
    assert (event.key, event.version) == (employee_id(1), 1)
    assert event.causes == [f"performance-score/{received['id']}", f"employee/{employee_id(1)}"]


async def test_an_employee_who_moved_on_stays_where_he_is(
    database: Database, connection: asyncpg.Connection, arrive: Arrive, letter: int
) -> None:
    await arrive(employee(1, version=3))
    before = await connection.fetch("SELECT *, xmin FROM derived.employee")
    assert await _replay_twice_at_once(database, letter) == {Outcome.REPLAYED, None}
    assert await connection.fetch("SELECT *, xmin FROM derived.employee") == before
    assert await published(connection) == []
