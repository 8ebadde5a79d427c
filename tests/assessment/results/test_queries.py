"""Results are held at once of all who are meant, or of nobody."""

from collections.abc import Sequence

import asyncpg
import httpx
import pytest

from services.assessment.results.queries import hold_results
from shared.auth.caller import Population
from shared.db.session import Database
from tests.assessment.conftest import Arrive
from tests.assessment.people import KENDAL, SEMARANG, employee, employee_id, nip, score, talent

FREE = "SELECT count(*) FROM (SELECT FROM derived.result FOR UPDATE SKIP LOCKED) AS free"
BORNE, ELSEWHERE, UNMEASURED, UNKNOWN = range(1, 5)


@pytest.fixture
async def _people(arrive: Arrive, client: httpx.AsyncClient) -> None:
    await arrive(employee(BORNE), employee(ELSEWHERE, region=KENDAL), employee(UNMEASURED))
    for number in (BORNE, ELSEWHERE):
        await client.post("/v1/performance-scores", json=score(number, 2024))
    await client.post("/v1/performance-scores", json=score(BORNE, 2025))
    await client.post("/v1/talent-assessments", json=talent(BORNE, jpm=80, potential=90))


@pytest.mark.usefixtures("_people")
async def test_all_are_locked_and_read(database: Database, connection: asyncpg.Connection) -> None:
    async with database.transaction() as session:
        holding = await hold_results(session, [nip(BORNE), nip(ELSEWHERE)], Population(("33.*",)))
        assert holding is not None
        assert await connection.fetchval(FREE) == 0
    assert holding.bearers == {nip(number): employee_id(number) for number in (BORNE, ELSEWHERE)}
    held = holding.held[employee_id(BORNE)]
    assert (held.version, len(held.scores), len(held.assessments)) == (3, 2, 1)
    assert holding.held[employee_id(ELSEWHERE)].version == 1


@pytest.mark.usefixtures("_people")
@pytest.mark.parametrize(
    ("numbers", "population"),
    [
        ((BORNE, UNKNOWN), Population(("33.*",))),
        ((BORNE, UNMEASURED), Population(("33.*",))),
        ((BORNE, ELSEWHERE), Population((SEMARANG,))),
        ((BORNE,), Population()),
    ],
)
async def test_nobody_is_locked_where_one_cannot_be(
    database: Database, connection: asyncpg.Connection, numbers: Sequence[int], population: Population
) -> None:
    async with database.transaction() as session:
        assert await hold_results(session, [nip(number) for number in numbers], population) is None
        assert await connection.fetchval(FREE) == 2


@pytest.mark.usefixtures("_people")
async def test_one_who_bore_two_nips_is_read_once(arrive: Arrive, database: Database) -> None:
    await arrive(employee(BORNE, version=2, bears=UNKNOWN))
    async with database.transaction() as session:
        holding = await hold_results(session, [nip(BORNE), nip(UNKNOWN)], Population(("33.*",)))
    assert holding is not None
    assert holding.bearers == {nip(BORNE): employee_id(BORNE), nip(UNKNOWN): employee_id(BORNE)}
    assert len(holding.held[employee_id(BORNE)].assessments) == 1
