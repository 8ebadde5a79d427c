"""Who bears a NIP, and whose results are locked for a caller: as `Population.covers` says."""

import asyncpg
import pytest

from services.assessment.submissions.queries import hold_bearers
from shared.auth.caller import Population
from shared.db.session import Database
from tests.assessment.conftest import Arrive
from tests.assessment.people import KENDAL, SEMARANG, employee, employee_id, nip

PEOPLE = {
    number: employee(number, region=region, unit_id=unit_id)
    for number, (region, unit_id) in enumerate(
        [(SEMARANG, "dinas-1"), (SEMARANG, "dinas-2"), (KENDAL, "dinas-3"), ("33", "biro-1"), ("34.04", "dinas-4")]
    )
}


@pytest.mark.parametrize(
    "population",
    [
        Population(),
        Population(("33.*",)),
        Population((SEMARANG,)),
        Population(("33", KENDAL)),
        Population((), ("dinas-1", "dinas-3")),
        Population((KENDAL,), ("dinas-2",), employee_id(4)),
        Population((), (), employee_id(2)),
    ],
)
async def test_results_are_locked_of_those_whom_the_population_covers(
    database: Database, arrive: Arrive, connection: asyncpg.Connection, population: Population
) -> None:
    await arrive(*PEOPLE.values())
    covered = {
        number
        for number, one in PEOPLE.items()
        if population.covers(region=one.region, unit_id=one.unit_id, employee_id=one.employee_id)
    }
    async with database.transaction() as session:
        bearers = await hold_bearers(session, [nip(number) for number in (*PEOPLE, 99)], population)
        assert {each: one.employee_id for each, one in bearers.items()} == {
            nip(number): one.employee_id for number, one in PEOPLE.items()
        }
        assert {number for number in PEOPLE if bearers[nip(number)].entitled} == covered
    assert await connection.fetch("SELECT employee_id FROM derived.result ORDER BY employee_id") == [
        (employee_id(number),) for number in sorted(covered)
    ]


async def test_results_of_one_who_bore_two_nips_are_made_once(
    database: Database, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1, bears=1))
    await arrive(employee(1, version=2, bears=2))
    async with database.transaction() as session:
        bearers = await hold_bearers(session, [nip(1), nip(2)], Population(("33.*",)))
    assert set(bearers) == {nip(1), nip(2)}
    assert await connection.fetchval("SELECT count(*) FROM derived.result") == 1
