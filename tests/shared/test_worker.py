"""A worker runs all its tasks, ends them in order, and fails as a whole when one fails."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Protocol

import pytest
import pytest_asyncio
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import worker
from shared.db.session import Database
from shared.kafka.subscription import Received, Subscription
from shared.outbox.append import Outgoing, append
from shared.settings import ServiceSettings
from shared.worker import Job, WorkerFailed, WorkerHealth, run_worker
from tests.shared.conditions import until
from tests.shared.conftest import Stack
from tests.shared.items import ITEMS, ItemState, cause, item, upsert_items

TAKES_ITEMS = Subscription("test.items", {ITEMS: ItemState}, upsert_items)


class CoreSettings(ServiceSettings):
    service: ClassVar[str] = "core"


class Running(Protocol):
    """A worker under way; it is stopped when the block ends, and must end without an error."""

    def __call__(self, *, subscriptions: Sequence[Subscription] = (), jobs: Sequence[Job] = ()) -> Any: ...


@pytest.fixture
def settings(stack: Stack, core_database_url: str, namespace: str) -> ServiceSettings:
    return CoreSettings(
        database_url=core_database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        kafka_namespace=namespace,
        port=0,
        worker_port=0,
    )


@pytest_asyncio.fixture(loop_scope="session")
async def running(settings: ServiceSettings, database: Database) -> Running:
    @asynccontextmanager
    async def run(
        *,
        subscriptions: Sequence[Subscription] = (),
        jobs: Sequence[Job] = (),
    ) -> AsyncIterator[WorkerHealth]:
        stopping, health = asyncio.Event(), WorkerHealth()
        task = asyncio.create_task(
            run_worker(
                settings,
                database,
                subscriptions=subscriptions,
                jobs=jobs,
                stopping=stopping,
                health=health,
            ),
        )
        try:
            yield health
        finally:
            stopping.set()
            await task

    return run


async def _until(condition: Any) -> None:
    async def holds() -> bool:
        return bool(condition())

    await until(holds)


async def test_what_is_appended_comes_back_through_the_broker(
    database: Database,
    outside: Any,
    running: Running,
) -> None:
    async with running(subscriptions=[TAKES_ITEMS]):
        async with database.transaction() as session:
            await append(session, ITEMS, [Outgoing(item("i1", 1, 5), cause())])

        async def back() -> bool:
            value: int | None = await outside.fetchval("SELECT value FROM derived.item WHERE item_id = 'i1'")
            return value == 5

        await until(back)


async def test_what_consumers_and_jobs_still_write_is_published_before_it_ends(
    database: Database,
    outside: Any,
    running: Running,
) -> None:
    begun = asyncio.Event()

    async def write() -> bool:
        begun.set()
        async with database.transaction() as session:
            await append(session, ITEMS, [Outgoing(item(f"i{number}"), cause()) for number in range(50)])
        return False

    async with running(jobs=[Job("writing", write, every=60)]):
        await begun.wait()
    assert await outside.fetch("SELECT FROM source.outbox") == []


async def test_it_is_ready_when_every_consumer_has_its_partitions(running: Running) -> None:
    assert not WorkerHealth().ready
    async with running(subscriptions=[TAKES_ITEMS]) as health:
        await _until(lambda: health.ready)


async def test_a_loop_that_stands_still_is_named(running: Running) -> None:
    held = asyncio.Event()

    async def hang() -> bool:
        await held.wait()
        return False

    async with running(jobs=[Job("hanging", hang, every=60)]) as health:
        await _until(lambda: health.stalled(longest=1.5) == ["job hanging"])
        assert health.stalled() == []
        held.set()


async def test_a_job_runs_again_at_once_while_there_is_more_then_waits_for_its_signal(running: Running) -> None:
    runs, signal = 0, asyncio.Event()

    async def count() -> bool:
        nonlocal runs
        runs += 1
        return runs < 5

    async with running(jobs=[Job("counting", count, every=60, signal=signal)]):
        await _until(lambda: runs == 5)
        signal.set()
        await _until(lambda: runs == 6)


async def test_a_job_runs_again_after_its_time(running: Running) -> None:
    runs = 0

    async def count() -> bool:
        nonlocal runs
        runs += 1
        return False

    async with running(jobs=[Job("counting", count, every=0.05)]):
        await _until(lambda: runs >= 3)


async def test_a_job_gives_back_what_it_keeps_when_the_worker_ends(running: Running) -> None:
    steps: list[str] = []

    async def run() -> bool:
        steps.append("run")
        return False

    async def end() -> None:
        steps.append("end")

    async with running(jobs=[Job("keeping", run, every=60, end=end)]):
        await _until(lambda: steps == ["run"])
    assert steps[-1] == "end"
    assert steps.count("end") == 1


async def test_a_job_outlives_trouble_of_the_database(running: Running) -> None:
    runs = 0

    async def troubled_twice() -> bool:
        nonlocal runs
        runs += 1
        if runs <= 2:
            raise ConnectionResetError
        return False

    async with running(jobs=[Job("troubled", troubled_twice, every=60)]):
        await _until(lambda: runs == 3)


async def test_a_job_that_fails_ends_the_worker_with_its_name(
    settings: ServiceSettings,
    database: Database,
) -> None:
    async def fail() -> bool:
        raise ZeroDivisionError

    with pytest.raises(WorkerFailed, match="job failing failed: ZeroDivisionError"):
        await run_worker(
            settings,
            database,
            subscriptions=[TAKES_ITEMS],
            jobs=[Job("failing", fail, every=60)],
            stopping=asyncio.Event(),
        )
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith(("consumer", "relay", "job"))]


async def test_a_consumer_that_stops_at_its_limit_ends_the_worker(
    settings: ServiceSettings,
    database: Database,
) -> None:
    async def refuse(_session: AsyncSession, _received: Sequence[Received[ItemState]]) -> None:
        raise ZeroDivisionError

    async def write() -> bool:
        async with database.transaction() as session:
            await append(session, ITEMS, [Outgoing(item(f"i{number}"), cause()) for number in range(200)])
        return False

    with pytest.raises(WorkerFailed, match=r"consumer .*test\.items failed: TooManyDeadLetters"):
        await run_worker(
            settings,
            database,
            subscriptions=[Subscription("test.items", {ITEMS: ItemState}, refuse)],
            jobs=[Job("writing", write, every=60)],
            stopping=asyncio.Event(),
        )


async def test_what_does_not_end_in_its_time_is_cancelled(
    monkeypatch: pytest.MonkeyPatch,
    running: Running,
) -> None:
    monkeypatch.setattr(worker, "_STAGE_SECONDS", 0.2)
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def never_end() -> bool:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return False

    async with running(jobs=[Job("endless", never_end, every=60)]):
        await begun.wait()
    assert cancelled.is_set()
