"""A request that writes: committed before it is answered, or not answered as done."""

from typing import ClassVar

import asyncpg
import httpx
import pytest

from shared.db.engine import Role
from shared.db.session import driver_of
from tests.shared.http import sample


async def test_write_is_committed_when_the_answer_arrives(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
) -> None:
    answer = await client.post("/v1/things", json={"id": 1, "name": "one"})
    assert answer.status_code == 201
    assert await connection.fetchval("SELECT count(*) FROM source.thing") == 1


async def test_failing_commit_is_no_success(client: httpx.AsyncClient, connection: asyncpg.Connection) -> None:
    # The unique constraint is deferred: every statement succeeds, and the commit fails.
    await connection.execute("INSERT INTO source.thing VALUES (1, 'first')")
    answer = await client.post("/v1/things", json={"id": 1, "name": "second"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "uq_thing" not in answer.text
    assert await connection.fetchval("SELECT array_agg(name) FROM source.thing") == ["first"]


async def test_connection_lost_before_the_commit_is_503(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
) -> None:
    answer = await client.post("/v1/things", json={"id": 1, "name": "cut off"})
    assert answer.status_code == 503
    assert answer.json()["code"] == "database_unavailable"
    assert answer.headers["retry-after"]
    assert await connection.fetchval("SELECT count(*) FROM source.thing") == 0


async def test_problem_after_a_write_rolls_it_back(
    client: httpx.AsyncClient,
    connection: asyncpg.Connection,
) -> None:
    answer = await client.post("/v1/things", json={"id": 1, "name": "missing"})
    assert answer.status_code == 404
    assert await connection.fetchval("SELECT count(*) FROM source.thing") == 0


async def test_character_that_cannot_be_stored_is_the_senders_fault(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things", json={"id": 1, "name": "a\0b"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_input"


@pytest.mark.parametrize(("by_index", "plans"), [(Role.API, "force_generic_plan"), (Role.WORKER, "auto")])
async def test_an_api_whose_worker_alone_goes_by_index_is_planned_as_ever(
    settings: sample.Settings, by_index: Role, plans: str
) -> None:
    class Settings(sample.Settings):
        by_index: ClassVar[frozenset[Role]]

    Settings.by_index = frozenset({by_index})
    app = sample.create_app(Settings(**settings.model_dump()))
    async with app.router.lifespan_context(app), app.state.database.reading() as session:
        assert await (await driver_of(session)).fetchval("SHOW plan_cache_mode") == plans
