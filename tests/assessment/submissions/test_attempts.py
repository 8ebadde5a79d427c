"""A score with a key is written at once after a look; where somebody is faster, it begins again with locks."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool
from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.results.queries import lock_results
from shared.auth.roles import INTEGRATOR
from shared.db.session import Database
from shared.outbox.append import Overtaken, Write, append_at_once, attempt
from shared.testing.tokens import Issuer
from tests.assessment.conftest import Arrive
from tests.assessment.events import published
from tests.assessment.people import employee, employee_id, score, talent
from tests.assessment.submissions.handing_in import blocked, hand_in
from tests.service import bearing, listening

SCORES = "/v1/performance-scores"
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
LAST = Write("SELECT $1::int", [1])
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


@pytest.fixture
async def _measured(arrive: Arrive, client: httpx.AsyncClient) -> None:
    """Somebody who has results."""
    await arrive(employee(1))
    await client.post(SCORES, json=score(1, 2023))


async def _look(session: AsyncSession, year: int) -> None:
    attempt(session)
    await hand_in(session, 1, year)


async def _written(connection: asyncpg.Connection) -> tuple[int, int]:
    """How many scores, and events."""
    scores: int = await connection.fetchval("SELECT count(*) FROM source.performance_score")
    return scores, len(await published(connection))


@contextmanager
def _statements() -> Iterator[list[str]]:
    """What connections that are opened meanwhile send, but for looks at the outbox and notifications."""
    sent: list[str] = []

    def note(record: Any) -> None:
        if not any(each in record.query for each in ("pg_column_size", "NOTIFY")):
            sent.append(" ".join(record.query.split()))

    def listen(connection: Any, _record: Any) -> None:
        connection.driver_connection.add_query_logger(note)

    event.listen(Pool, "connect", listen)
    yield sent
    event.remove(Pool, "connect", listen)


@pytest.mark.usefixtures("_measured")
async def test_a_score_takes_two_statements_and_no_transaction(
    database_url: str, issuer: Issuer, connection: asyncpg.Connection
) -> None:
    token = issuer.token_for(INTEGRATOR, regions=["33.*"])
    with _statements() as sent:
        async with listening("assessment", database_url, issuer) as address, bearing(address, token) as client:
            # The first of a connection, which asks what the types are that it meets.
            await client.post(SCORES, json=score(1, 2022), headers={"Idempotency-Key": "first"})
            sent.clear()
            assert (await client.post(SCORES, json=score(1, 2024), headers=KEY)).status_code == 201
            look, write = sent
    assert "source.performance_score WHERE" in look
    assert all(
        f"INSERT INTO source.{each} " in write for each in ("performance_score", "outbox", "idempotency_key")
    )
    assert await _written(connection) == (3, 3)


@pytest.mark.usefixtures("_measured")
async def test_the_answer_is_that_of_a_transaction_and_is_repeated(client: httpx.AsyncClient) -> None:
    locked = await client.post(SCORES, json=score(1, 2024))
    first = await client.post(SCORES, json=score(1, 2025), headers=KEY)
    again = await client.post(SCORES, json=score(1, 2025), headers=KEY)
    assert first.status_code == again.status_code == 201
    assert first.json().keys() == locked.json().keys()
    assert first.headers["talenta-token"].endswith(f"{employee_id(1)}@3")
    assert again.content == first.content
    assert again.headers["talenta-token"] == first.headers["talenta-token"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = await client.post(SCORES, json=score(1, 2022), headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.usefixtures("_measured")
async def test_what_changes_nothing_is_answered_and_repeated_too(
    client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    first = await client.post(SCORES, json=score(1, 2023), headers=KEY)
    assert (first.status_code, first.json()["outcome"]) == (200, "unchanged")
    # It would be a change now, if it were not the same request.
    await client.post(SCORES, json=score(1, 2023, "KURANG"))
    again = await client.post(SCORES, json=score(1, 2023), headers=KEY)
    assert (again.status_code, again.content) == (200, first.content)
    assert await _written(connection) == (2, 2)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(score(1, 2015), id="older than the horizon"),
        pytest.param(score(2), id="of somebody without results"),
        pytest.param(score(3), id="of nobody yet"),
    ],
)
@pytest.mark.usefixtures("_measured")
async def test_what_takes_locks_is_taken_with_them(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection, body: dict[str, Any]
) -> None:
    await arrive(employee(2))
    first = await client.post(SCORES, json=body, headers=KEY)
    again = await client.post(SCORES, json=body, headers=KEY)
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert await connection.fetchval("SELECT count(*) FROM source.idempotency_key") == 1
    kept = "SELECT (SELECT count(*) FROM source.performance_score) + (SELECT count(*) FROM source.unmatched)"
    assert await connection.fetchval(kept) == 2


@pytest.mark.usefixtures("_measured")
@pytest.mark.parametrize(
    ("path", "meanwhile"),
    [
        (SCORES, score(1, 2024)),
        (SCORES, score(1, 2025)),
        pytest.param(SCORES, score(1, 2015), id="leaves the results as they are"),
        ("/v1/talent-assessments", talent(1, jpm=80)),
    ],
)
async def test_who_looked_before_another_measurement_writes_nothing(
    database: Database,
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
    path: str,
    meanwhile: dict[str, Any],
) -> None:
    async with database.reading() as session:
        await _look(session, 2025)
        assert (await client.post(path, json=meanwhile)).status_code == 201
        before = await _written(connection)
        with pytest.raises(Overtaken):
            await append_at_once(session, LAST)
    assert await _written(connection) == before


@pytest.mark.usefixtures("_measured")
async def test_who_waits_for_another_measurement_writes_nothing(
    database: Database, connection: asyncpg.Connection
) -> None:
    async with database.reading() as session:
        await _look(session, 2025)
        async with database.transaction() as other:
            await hand_in(other, 1, 2024)
            writing = asyncio.create_task(append_at_once(session, LAST))
            await blocked(connection, writing)
        with pytest.raises(Overtaken):
            await writing
    assert await _written(connection) == (2, 2)


@pytest.mark.usefixtures("_measured")
async def test_who_waits_for_a_lock_and_no_change_writes(
    database: Database, connection: asyncpg.Connection
) -> None:
    async with database.reading() as session:
        await _look(session, 2025)
        async with database.transaction() as other:
            await lock_results(other, [employee_id(1)])
            writing = asyncio.create_task(append_at_once(session, LAST))
            await blocked(connection, writing)
        await writing
    assert await _written(connection) == (2, 2)


@pytest.mark.usefixtures("_measured")
async def test_who_is_overtaken_begins_again_and_both_count(
    database: Database, client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    async with database.transaction() as other:
        await hand_in(other, 1, 2024)
        posting = asyncio.create_task(client.post(SCORES, json=score(1, 2025), headers=KEY))
        await blocked(connection, posting)
    answer = await posting
    assert (answer.status_code, answer.json()["outcome"]) == (201, "created")
    assert answer.headers["talenta-token"].endswith(f"{employee_id(1)}@3")
    events = await published(connection)
    assert [(one.version, len(one.predikats)) for one in events] == [(1, 1), (2, 2), (3, 3)]


async def test_who_begins_again_holds_nothing_from_before(
    database_url: str, issuer: Issuer, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    """Else as many of them as there are connections would each wait for one that another of them holds."""
    await arrive(employee(1))
    token = issuer.token_for(INTEGRATOR, regions=["33.*"])
    async with (
        listening("assessment", database_url, issuer, database_pool_size=1) as address,
        bearing(address, token) as client,
    ):
        assert (await client.post(SCORES, json=score(1, 2024), headers=KEY)).status_code == 201
    assert await _written(connection) == (1, 1)


@pytest.mark.usefixtures("_measured")
async def test_many_at_once_for_one_person_all_count_in_order(
    client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    months = [score(1, period={"kind": "MONTHLY", "year": 2024, "number": each}) for each in range(1, 9)]
    posting = (
        client.post(SCORES, json=month, headers={"Idempotency-Key": str(number)})
        for number, month in enumerate(months)
    )
    answers = await asyncio.gather(*posting)
    assert {one.status_code for one in answers} == {201}
    events = await published(connection)
    assert [(one.version, len(one.predikats)) for one in events] == [(each, each) for each in range(1, 10)]


@pytest.mark.usefixtures("_measured")
async def test_one_key_many_times_at_once_is_done_once(
    client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(*(client.post(SCORES, json=score(1, 2025), headers=KEY) for _ in range(8)))
    done = [one for one in answers if one.status_code == 201]
    assert {one.status_code for one in answers} <= {201, 409}
    assert len({one.content for one in done}) == 1
    assert sum("idempotency-replayed" not in one.headers for one in done) == 1
    assert await _written(connection) == (2, 2)


@pytest.mark.usefixtures("_measured")
async def test_a_request_under_way_with_the_key_is_409(
    client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    async with connection.transaction():
        # What the first request holds until it commits.
        await connection.execute(LOCK, f"integrator\n{KEY['Idempotency-Key']}")
        answer = await client.post(SCORES, json=score(1, 2025), headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_flight")
    assert await _written(connection) == (1, 1)
    assert (await client.post(SCORES, json=score(1, 2025), headers=KEY)).status_code == 201


@pytest.mark.usefixtures("_measured")
async def test_a_key_ends_after_a_day(client: httpx.AsyncClient, connection: asyncpg.Connection) -> None:
    await client.post(SCORES, json=score(1, 2024), headers=KEY)
    await connection.execute(
        "UPDATE source.idempotency_key SET created_at = now() - $1::interval", timedelta(hours=25)
    )
    again = await client.post(SCORES, json=score(1, 2025), headers=KEY)
    assert (again.status_code, "idempotency-replayed" in again.headers) == (201, False)
    assert await _written(connection) == (3, 3)
