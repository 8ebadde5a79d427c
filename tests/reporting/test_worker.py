"""The whole worker on real servers: a talent that is published moves ranks and board, and others are told."""

import asyncio
import os
from collections.abc import AsyncIterator
from itertools import pairwise
from time import monotonic
from typing import Any

import httpx
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from prometheus_client import REGISTRY

from deploy.local.stack import Stack
from services.reporting.settings import Settings
from services.reporting.worker import _SHORTEST_GAP, _paced, jobs, subscriptions
from shared.db.session import Database, driver_of
from shared.events.reporting import StandingState
from shared.http.after import token_of
from shared.kafka.topics import STANDINGS, TALENTS, create_topics
from shared.outbox.append import Outgoing, append
from shared.worker import WorkerHealth, run_worker
from tests.reporting.people import CAUSE, person, state_of
from tests.shared.conditions import until
from tests.shared.conftest import kafka_admin


@pytest_asyncio.fixture(loop_scope="session")
async def settings(stack: Stack, database_url: str) -> AsyncIterator[Settings]:
    """Topics of this test alone, gone at its end."""
    namespace = f"reporting{os.getpid()}."
    await create_topics(stack.kafka_bootstrap_servers, namespace)
    yield Settings(
        database_url=database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        kafka_namespace=namespace,
    )
    async with kafka_admin(stack) as client:
        await client.delete_topics([topic for topic in await client.list_topics() if topic.startswith(namespace)])


@pytest_asyncio.fixture(loop_scope="session")
async def worker(settings: Settings, database: Database) -> AsyncIterator[None]:
    stopping, health = asyncio.Event(), WorkerHealth()
    running = asyncio.create_task(
        run_worker(
            settings,
            database,
            subscriptions=subscriptions(database),
            jobs=jobs(settings, database),
            stopping=stopping,
            health=health,
        ),
    )

    async def ready() -> bool:
        return health.ready

    await until(ready, within=30)
    yield
    stopping.set()
    await running


async def test_a_talent_moves_ranks_and_board(
    worker: None,
    settings: Settings,
    database: Database,
    province: httpx.AsyncClient,
) -> None:
    # The relay of this worker stands in for placement's.
    async with database.transaction() as session:
        await append(session, TALENTS, [Outgoing(state_of(number), CAUSE) for number in range(6)])

    async def folded() -> bool:
        return (await province.get(f"/v1/ranks/{person(5)}")).status_code == 200

    await until(folded)
    async with database.transaction() as session:
        await append(session, TALENTS, [Outgoing(state_of(5, 2, y="100", talent_value="99"), CAUSE)])
    after = {"Talenta-After": token_of("placement.talents", person(5), 2), "Prefer": "wait=10"}
    ranks = (await province.get(f"/v1/ranks/{person(5)}", headers=after)).json()
    assert (ranks["value"], ranks["ranks"]["region"]) == (99.0, {"rank": 1, "size": 6})
    region = (await province.get("/v1/regions/33.74/standing", headers=after)).json()
    # Mean y is (5 × 90 + 100) / 6.
    assert (region["rank"], region["components"][0]["value"]) == (1, 91.666667)
    board = (await province.get("/v1/boards/merit")).json()
    assert board["revision"] == region["revision"]
    # As the public is shown it: one of six people can move it by more than 10.
    assert board["regions"][0]["components"][0]["value"] == 80
    published = await _latest_standing(settings, region["index"])
    assert (published.rank, published.band) == (1, "TINGGI")


async def test_folds_of_a_stream_keep_a_distance() -> None:
    begins: list[float] = []

    async def work() -> bool:
        begins.append(monotonic())
        return True

    paced = _paced(work)
    assert [await paced() for _ in range(4)] == [True] * 4
    # Each is noted a moment after it began.
    assert min(later - one for one, later in pairwise(begins)) > 0.9 * _SHORTEST_GAP


async def _latest_standing(settings: Settings, index: float) -> StandingState:
    """Read the topic until the region is told of with this index."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap_servers,
        "auto_offset_reset": "earliest",
    }
    async with (
        AIOKafkaConsumer(settings.kafka_namespace + STANDINGS.name, **options) as consumer,
        asyncio.timeout(15),
    ):
        async for record in consumer:
            state = StandingState.model_validate_json(record.value)
            if state.index is not None and float(state.index) == index:
                return state
    raise AssertionError("the topic ended")


async def test_who_waits_to_be_folded_is_counted(settings: Settings, database: Database) -> None:
    [job] = [job for job in jobs(settings, database) if job.name == "count-waiting"]
    for waiting in (2, 0):
        async with database.transaction() as session:
            driver = await driver_of(session)
            await driver.execute("DELETE FROM derived.dirty")
            await driver.execute(
                "INSERT INTO derived.dirty (employee_id) SELECT $1 FROM generate_series(1, $2)", person(1), waiting
            )
        assert await job.run() is False
        assert REGISTRY.get_sample_value("talenta_fold_waiting_people") == waiting
