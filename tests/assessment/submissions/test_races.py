"""A score and the arrival of its employee cannot miss each other, whoever comes first."""

import asyncio
import random
from collections.abc import Awaitable
from typing import Any

import asyncpg
import httpx
import pytest

from services.assessment.employees.projection import on_employees
from services.assessment.results.queries import lock_results
from shared.db.session import Database
from tests.assessment.conftest import Arrive
from tests.assessment.events import published
from tests.assessment.people import employee, employee_id, received, score
from tests.assessment.submissions.handing_in import blocked, hand_in

EMPLOYEES = 40


async def _know_the_nip(client: httpx.AsyncClient) -> None:
    """Its row is there already, so that no insert is what makes the other wait."""
    await client.post("/v1/performance-scores", json=score(1, 2023, "KURANG"))


async def test_arrival_waits_for_a_score_under_way_and_takes_it(
    database: Database, client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await _know_the_nip(client)
    async with database.transaction() as session:
        await hand_in(session, 1, 2025)
        arriving = asyncio.create_task(_as_coroutine(arrive(employee(1))))
        await blocked(connection, arriving)
    await arriving
    assert [event.predikats for event in await published(connection)] == [["BAIK", "KURANG"]]


async def test_score_waits_for_an_arrival_under_way_and_matches(
    database: Database, client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    await _know_the_nip(client)
    async with database.transaction() as session:
        await on_employees(session, [received(employee(1))])
        posting = asyncio.create_task(client.post("/v1/performance-scores", json=score(1)))
        await blocked(connection, posting)
    answer = await posting
    assert (answer.json()["state"], answer.json()["outcome"]) == ("matched", "created")
    assert [event.predikats for event in await published(connection)] == [["KURANG"], ["BAIK", "KURANG"]]


async def test_scores_by_two_nips_of_one_employee_both_count(
    database: Database, client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1, bears=1))
    await arrive(employee(1, version=2, bears=2))
    # His results are there already, so that no insert is what makes the other wait.
    await client.post("/v1/performance-scores", json=score(1, 2023))
    async with database.transaction() as first:
        await hand_in(first, 1, 2024)

        async def submit_by_the_other() -> None:
            async with database.transaction() as second:
                await hand_in(second, 2, 2025)

        other = asyncio.create_task(submit_by_the_other())
        await blocked(connection, other)
    await other
    events = await published(connection)
    assert [(event.version, len(event.predikats)) for event in events] == [(1, 1), (2, 2), (3, 3)]


async def test_results_are_locked_before_anything_is_read_for_them(
    database: Database, client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    # An update would wait by itself for another; what was read before it would still be old.
    await arrive(employee(1))
    await client.post("/v1/performance-scores", json=score(1, 2023))
    async with database.transaction() as session:
        await lock_results(session, [employee_id(1)])
        posting = asyncio.create_task(client.post("/v1/performance-scores", json=score(1, 2024)))
        await blocked(connection, posting)
    assert (await posting).status_code == 201


async def test_who_waits_sees_a_measurement_that_left_the_results_as_they_were(
    database: Database, client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    await client.post("/v1/performance-scores", json=score(1, 2025))
    async with database.transaction() as first:
        # Older than the horizon: no new version of his results tells of it.
        await hand_in(first, 1, 2015)
        posting = asyncio.create_task(client.post("/v1/performance-scores", json=score(1, 2015)))
        await blocked(connection, posting)
    assert (await posting).json()["outcome"] == "unchanged"
    assert len(await published(connection)) == 1


async def test_score_for_a_nip_that_passes_to_somebody_meanwhile_came_before(
    database: Database, client: httpx.AsyncClient, arrive: Arrive
) -> None:
    await arrive(employee(1))
    await client.post("/v1/performance-scores", json=score(1, 2023))
    async with database.transaction() as session:
        await on_employees(session, [received(employee(2, bears=1))])
        before = await client.post("/v1/performance-scores", json=score(1, 2024))
    after = await client.post("/v1/performance-scores", json=score(1, 2025))
    assert before.json()["employee_id"] == str(employee_id(1))
    assert after.json()["employee_id"] == str(employee_id(2))


@pytest.mark.parametrize("seed", range(3))
async def test_scores_and_arrivals_at_the_same_time_lose_nothing(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  # a reproducible order, no secret
    numbers = list(range(1, EMPLOYEES + 1))
    work: list[Awaitable[Any]] = []
    for year in (2023, 2024, 2025):
        for part in _parts(numbers, chance):
            rows = [score(number, year) for number in part]
            work.append(client.post("/v1/performance-scores:batch", json={"scores": rows}))
    work += [arrive(*map(employee, part)) for part in _parts(numbers, chance)]
    chance.shuffle(work)
    await asyncio.gather(*work)
    newest = {event.key: event for event in await published(connection)}
    assert {key: len(event.predikats) for key, event in newest.items()} == {
        employee_id(each): 3 for each in numbers
    }
    assert await connection.fetchval("SELECT count(*) FROM source.unmatched") == 0
    assert await connection.fetchval("SELECT count(*) FROM source.performance_score") == 3 * EMPLOYEES
    in_order = await connection.fetch(
        "SELECT key, array_agg(version ORDER BY id) AS versions FROM source.outbox GROUP BY key"
    )
    assert all(row["versions"] == list(range(1, len(row["versions"]) + 1)) for row in in_order)


def _parts(numbers: list[int], chance: random.Random) -> list[list[int]]:
    """All of the numbers in some order, cut in four."""
    shuffled = chance.sample(numbers, len(numbers))
    return [shuffled[start::4] for start in range(4)]


async def _as_coroutine(awaitable: Awaitable[None]) -> None:
    await awaitable
