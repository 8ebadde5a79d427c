"""Idempotency-Key: sent twice, done once."""

import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest

from shared.auth.roles import INTEGRATOR
from shared.db.engine import Role, create_engine
from shared.db.session import Database
from shared.http.idempotency import clean_idempotency_keys
from shared.testing.tokens import Issuer
from tests.shared.conditions import until

THINGS = "/v1/things"
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
BODY = {"id": 1, "name": "one"}
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


async def stored(connection: asyncpg.Connection) -> list[str]:
    return [row["name"] for row in await connection.fetch("SELECT name FROM source.thing ORDER BY id, name")]


async def test_same_request_is_done_once_and_answered_the_same(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
) -> None:
    first = await client.post(THINGS, json=BODY, headers=KEY)
    second = await client.post(THINGS, json=BODY, headers=KEY)
    assert first.status_code == second.status_code == 201
    assert second.content == first.content
    assert second.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert await stored(connection) == ["one"]


async def test_quoted_key_is_the_same_key(client: httpx.AsyncClient) -> None:
    await client.post(THINGS, json=BODY, headers={"Idempotency-Key": "abc"})
    again = await client.post(THINGS, json=BODY, headers={"Idempotency-Key": '"abc"'})
    assert again.headers["idempotency-replayed"] == "true"


async def test_without_a_key_everything_is_done(client: httpx.AsyncClient, connection: asyncpg.Connection) -> None:
    await client.post(THINGS, json=BODY)
    await client.post(THINGS, json={"id": 2, "name": "one"})
    assert await stored(connection) == ["one", "one"]
    assert await connection.fetchval("SELECT count(*) FROM source.idempotency_key") == 0


@pytest.mark.parametrize(("path", "body"), [(THINGS, {"id": 2, "name": "two"}), (f"{THINGS}?x=1", BODY)])
async def test_key_with_another_request_is_refused(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
    path: str,
    body: dict[str, object],
) -> None:
    await client.post(THINGS, json=BODY, headers=KEY)
    answer = await client.post(path, json=body, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert await stored(connection) == ["one"]


async def test_key_belongs_to_its_caller(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
    issuer: Issuer,
) -> None:
    other = issuer.token_for(INTEGRATOR, subject="somebody else", regions=["33.*"])
    await client.post(THINGS, json=BODY, headers=KEY)
    theirs = {"id": 2, "name": "theirs"}
    answer = await client.post(THINGS, json=theirs, headers=KEY | {"Authorization": f"Bearer {other}"})
    assert answer.status_code == 201
    assert await stored(connection) == ["one", "theirs"]


async def test_request_under_way_is_409(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
) -> None:
    async with connection.transaction():
        # What the first request holds until it commits.
        await connection.execute(LOCK, f"integrator\n{KEY['Idempotency-Key']}")
        answer = await client.post(THINGS, json=BODY, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_flight")
    assert (await client.post(THINGS, json=BODY, headers=KEY)).status_code == 201


async def test_an_answer_stored_while_this_one_was_looking_is_not_stored_twice(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
) -> None:
    async with connection.transaction():
        await connection.execute("LOCK TABLE source.thing")
        posting = asyncio.create_task(client.post(THINGS, json=BODY, headers=KEY))
        await until(lambda: _waits(connection))
        # As if the first request had committed between the second one's snapshot and its lock.
        await connection.execute(
            "INSERT INTO source.idempotency_key VALUES ('integrator', $1, '', 201, '{}', '')",
            KEY["Idempotency-Key"],
        )
    answer = await posting
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_flight")
    assert await stored(connection) == []


async def _waits(connection: asyncpg.Connection) -> bool:
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))


async def test_many_at_once_are_done_once(client: httpx.AsyncClient, connection: asyncpg.Connection) -> None:
    answers = await asyncio.gather(*(client.post(THINGS, json=BODY, headers=KEY) for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert 201 in {answer.status_code for answer in answers}
    assert await stored(connection) == ["one"]


@pytest.mark.parametrize("body", [{"id": 1, "name": "missing"}, {"id": "x", "name": "bad"}])
async def test_failure_is_not_kept(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
    body: dict[str, object],
) -> None:
    assert (await client.post(THINGS, json=body, headers=KEY)).status_code in {404, 422}
    assert (await client.post(THINGS, json=BODY, headers=KEY)).status_code == 201


async def test_failing_commit_keeps_neither_change_nor_answer(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
) -> None:
    await connection.execute("INSERT INTO source.thing VALUES (1, 'first')")
    assert (await client.post(THINGS, json=BODY, headers=KEY)).status_code == 500
    assert await connection.fetchval("SELECT count(*) FROM source.idempotency_key") == 0


async def test_replay_needs_the_scope_too(client: httpx.AsyncClient, issuer: Issuer) -> None:
    await client.post(THINGS, json=BODY, headers=KEY)
    reader = issuer.token_for(INTEGRATOR, regions=["33.*"], scopes=[])
    answer = await client.post(THINGS, json=BODY, headers=KEY | {"Authorization": f"Bearer {reader}"})
    assert answer.status_code == 403


@pytest.mark.parametrize("key", ["", "x" * 256, "with blank", '"'])
async def test_bad_key_is_a_problem(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post(THINGS, json=BODY, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")


async def test_key_ends_after_a_day(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
    database_url: str,
) -> None:
    await client.post(THINGS, json=BODY, headers=KEY)
    age = "UPDATE source.idempotency_key SET created_at = now() - $1::interval"
    await connection.execute(age, timedelta(hours=25))
    again = await client.post(THINGS, json={"id": 2, "name": "two"}, headers=KEY)
    assert (again.status_code, "idempotency-replayed" in again.headers) == (201, False)
    replayed = await client.post(THINGS, json={"id": 2, "name": "two"}, headers=KEY)
    assert replayed.headers["idempotency-replayed"] == "true"
    await connection.execute(age, timedelta(hours=25))
    database = Database(create_engine(database_url, service="test", role=Role.WORKER, pool_size=1))
    assert not await clean_idempotency_keys(database)()
    await database.close()
    assert await connection.fetchval("SELECT count(*) FROM source.idempotency_key") == 0
