"""At the bound of the outbox every write is refused with what to do, reading goes on, and it ends by itself."""

import re
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
import pytest_asyncio

from shared.outbox import pressure
from tests.shared.http import sample
from tests.shared.http.server import served

THING = {"id": 1, "name": "a"}
ROW = """
    INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes, created_at)
    VALUES ('sample.things', '1', 1, 1, '{}', now(), '{}', clock_timestamp() - interval '1 hour')
"""


@pytest_asyncio.fixture(loop_scope="session")
async def full(
    monkeypatch: pytest.MonkeyPatch, settings: sample.Settings, connection: asyncpg.Connection, token: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A service whose outbox is at its bound until the row is gone."""
    monkeypatch.setattr(pressure, "_LOOK_EVERY", 0.0)
    await connection.execute(ROW)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        served(sample.create_app(settings)) as address,
        httpx.AsyncClient(base_url=address, headers=headers) as client,
    ):
        yield client
    await connection.execute("TRUNCATE source.outbox")


async def test_write_is_refused_with_what_to_do(full: httpx.AsyncClient, connection: asyncpg.Connection) -> None:
    answer = await full.post("/v1/things", json=THING, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (503, "writes_paused")
    assert answer.headers["retry-after"] == "30"
    assert "Send the same request again after Retry-After" in answer.json()["detail"]
    indonesian = await full.post("/v1/things", json=THING)
    assert "Kirim ulang permintaan yang sama" in indonesian.json()["detail"]
    assert await connection.fetchval("SELECT count(*) FROM source.thing") == 0


async def test_reading_goes_on_and_readyz_says_why_and_stays_good(full: httpx.AsyncClient) -> None:
    assert (await full.get("/v1/numbers")).status_code == 200
    ready = await full.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["checks"]["database"] == "ok"
    # A second or more may pass between the row and the look.
    assert re.search(r"the oldest of 1 rows waits for 36\d\d s, of 900", ready.json()["checks"]["outbox"])
    assert (await full.get("/livez")).status_code == 200


async def test_writes_are_taken_again_by_themselves(
    full: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    assert (await full.post("/v1/things", json=THING)).status_code == 503
    await connection.execute("DELETE FROM source.outbox")
    assert (await full.post("/v1/things", json=THING)).status_code == 201
    assert (await full.get("/readyz")).json()["checks"]["outbox"] == "ok"
