"""A worker process: relay, consumers and jobs as named tasks, watched, and ended in order."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Protocol

import structlog

from shared.db.session import Database
from shared.db.trouble import is_database_trouble, pause_before
from shared.kafka.consumer import BatchConsumer
from shared.kafka.subscription import Subscription
from shared.outbox.relay import Relay
from shared.outbox.signal import RelaySignal
from shared.settings import ServiceSettings
from shared.waiting import set_within

_log: Final = structlog.get_logger(__name__)

_STAGE_SECONDS: Final = 7.0
"""What the consumers, then the jobs, then the relay get to end by themselves."""
_CANCEL_SECONDS: Final = 1.0
"""What is cancelled gets this long; all stages together stay below 25 seconds."""
_PULSE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """Done again and again: at once while `run` returns True, else on `signal` or after `every` seconds."""

    name: str
    run: Callable[[], Awaitable[bool]]
    every: float
    signal: asyncio.Event | None = None
    end: Callable[[], Awaitable[None]] | None = None
    """Gives back what `run` keeps from one time to the next."""


class WorkerFailed(Exception):
    """A task of the worker failed, and the rest was ended: the process should end with an error."""


class _Loop(Protocol):
    """What a worker runs: it goes round, says when it did last, and ends by itself after `stop`."""

    @property
    def name(self) -> str: ...
    @property
    def ready(self) -> bool: ...
    @property
    def last_loop_at(self) -> float: ...
    def stop(self) -> None: ...
    async def run(self) -> None: ...


@dataclass
class WorkerHealth:
    """What /livez and /readyz of a worker process answer from; hand one to `run_worker`."""

    loops: list[_Loop] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        """Whether every consumer has had its first assignment."""
        return bool(self.loops) and all(loop.ready for loop in self.loops)

    def stalled(self, longest: float = 60.0) -> list[str]:
        """Names of the loops that have not gone round for `longest` seconds; empty means alive."""
        now = monotonic()
        return [loop.name for loop in self.loops if now - loop.last_loop_at > longest]


async def run_worker(
    settings: ServiceSettings,
    database: Database,
    *,
    subscriptions: Sequence[Subscription],
    jobs: Sequence[Job],
    stopping: asyncio.Event,
    health: WorkerHealth | None = None,
) -> None:
    """Run until `stopping` is set, or until one of the tasks fails: then end the rest and raise WorkerFailed.

    The end is in order, so that all that was begun is published: consumers, jobs, relay; within 25 seconds.
    """
    signal = RelaySignal.of(database.engine)
    stages: list[list[_Loop]] = [
        [_consumer(settings, database, subscription) for subscription in subscriptions],
        [_JobLoop(job) for job in jobs],
        [_relay(settings, signal)],
    ]
    loops = [loop for stage in stages for loop in stage]
    if health is not None:
        health.loops = loops
    tasks = {loop.name: asyncio.create_task(loop.run(), name=loop.name) for loop in loops}
    try:
        await _first_end(tasks, stopping)
    finally:
        for stage in stages:
            await _end([tasks[loop.name] for loop in stage], stage)
        await signal.close()
    _raise_failure(tasks)


def _consumer(settings: ServiceSettings, database: Database, subscription: Subscription) -> BatchConsumer:
    return BatchConsumer(
        subscription,
        database,
        bootstrap_servers=settings.kafka_bootstrap_servers,
        namespace=settings.kafka_namespace,
        batch_records=settings.kafka_batch_records,
    )


def _relay(settings: ServiceSettings, signal: RelaySignal) -> Relay:
    return Relay(
        settings.database_url,
        signal,
        service=settings.service,
        bootstrap_servers=settings.kafka_bootstrap_servers,
        namespace=settings.kafka_namespace,
    )


async def _first_end(tasks: Mapping[str, asyncio.Task[None]], stopping: asyncio.Event) -> None:
    """Wait until the worker is asked to stop, or a task ends, which none does by itself."""
    asked = asyncio.create_task(stopping.wait(), name="stopping")
    try:
        await asyncio.wait({asked, *tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()


async def _end(tasks: Sequence[asyncio.Task[None]], stage: Sequence[_Loop]) -> None:
    """Let one stage end by itself within its time, then cancel what is left of it."""
    for loop in stage:
        loop.stop()
    if not tasks:
        return
    _, pending = await asyncio.wait(tasks, timeout=_STAGE_SECONDS)
    for task in pending:
        _log.warning("task_cancelled", task=task.get_name())
        task.cancel()
    if pending:
        await asyncio.wait(pending, timeout=_CANCEL_SECONDS)


def _raise_failure(tasks: Mapping[str, asyncio.Task[None]]) -> None:
    for name, task in tasks.items():
        error = task.exception() if task.done() and not task.cancelled() else None
        if error is not None:
            raise WorkerFailed(f"{name} failed: {type(error).__name__}") from error


class _JobLoop:
    """A job going round. Trouble of the database is outlived; any other error ends the worker."""

    ready: Final = True

    def __init__(self, job: Job) -> None:
        self.last_loop_at = monotonic()
        self._job = job
        self._stopping = asyncio.Event()
        self._due = job.signal or asyncio.Event()

    @property
    def name(self) -> str:
        return f"job {self._job.name}"

    def stop(self) -> None:
        self._stopping.set()
        self._due.set()

    async def run(self) -> None:
        try:
            await self._go_round()
        finally:
            if self._job.end is not None:
                await self._job.end()

    async def _go_round(self) -> None:
        troubles = 0
        while not self._stopping.is_set():
            self.last_loop_at = monotonic()
            # Before running: who asks while it runs is heard afterwards.
            self._due.clear()
            try:
                again = await self._job.run()
                troubles = 0
            except Exception as error:
                if not is_database_trouble(error):
                    raise
                _log.warning("database_trouble", loop=self.name, reason=type(error).__name__)
                await set_within(self._stopping, pause_before(troubles))
                troubles += 1
            else:
                if not again:
                    await self._until_due()

    async def _until_due(self) -> None:
        """Wait for the signal or the time, and go on being alive meanwhile."""
        until = monotonic() + self._job.every
        while (left := until - monotonic()) > 0:
            self.last_loop_at = monotonic()
            if await set_within(self._due, min(left, _PULSE_SECONDS)):
                return
