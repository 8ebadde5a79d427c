"""At the bound of the outbox every write is refused with what to do, reading goes on, and it ends by itself.

Few batches at a time are in hand, however many come.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest
import pytest_asyncio
from prometheus_client import Gauge

from shared.http.pressure import MOST_BATCHES
from shared.outbox import pressure
from tests.shared.conditions import until
from tests.shared.http import sample
from tests.shared.http.server import served

THING = {"id": 1, "name": "a"}
BATCH = {"things": [{"nip": "198703122010011001", "value": 1}]}
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


def value_of(gauge: Gauge) -> float:
    return next(iter(gauge.collect())).samples[0].value


async def test_readyz_brings_the_metrics_up_to_date_though_nobody_writes_or_relays(
    full: httpx.AsyncClient, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The one of this process is that of the last relay which ran here.
    age = Gauge("age", "Of the oldest row.", registry=None)
    monkeypatch.setattr(pressure, "OLDEST_AGE_SECONDS", age)

    async def is_told() -> bool:
        # What was answered holds for a while.
        await full.get("/readyz")
        return value_of(age) == 0

    assert not await is_told()
    assert 3600 <= value_of(age) < 3700
    await connection.execute("DELETE FROM source.outbox")
    await until(is_told)


class _NoTurns:
    """A pace by which nobody has his turn until he is let go."""

    def __init__(self) -> None:
        self.waiting = 0
        self.letting_go = asyncio.Event()

    @asynccontextmanager
    async def turn(self, _rows: int) -> AsyncIterator[None]:
        self.waiting += 1
        await self.letting_go.wait()
        yield

    async def are_waiting(self) -> bool:
        return self.waiting == MOST_BATCHES


async def _begin(address: str, path: str, token: str) -> bytes:
    """The answer to a request whose body never comes."""
    reader, writer = await asyncio.open_connection(*address.removeprefix("http://").split(":"))
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: 100\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


async def test_batches_that_wait_are_few_and_one_more_is_refused_before_its_body_is_read(
    settings: sample.Settings, token: str
) -> None:
    app, pace = sample.create_app(settings), _NoTurns()
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        served(app) as address,
        httpx.AsyncClient(base_url=address, headers=headers) as client,
        asyncio.TaskGroup() as group,
    ):
        app.state.pace = pace
        first = [group.create_task(client.post("/v1/things:batch", json=BATCH)) for _ in range(MOST_BATCHES)]
        await until(pace.are_waiting)
        refused = await _begin(address, "/v1/things:batch", token)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b'"code":"no_bulk_turn"' in refused
        assert b"retry-after: 1\r\n" in refused
        assert (await client.post("/v1/things", json=THING)).status_code == 201, "single writes go on"
        pace.letting_go.set()
        assert [(await answer).status_code for answer in first] == [200] * MOST_BATCHES
        assert (await client.post("/v1/things:batch", json=BATCH)).status_code == 200
