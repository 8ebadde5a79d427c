"""Workers of placement and of reporting on a backlog, each number of them from nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from bench.figures import Row, significant
from bench.installation import Bench
from bench.machine import load_average
from bench.processes import Program, environment_of, migrate, running
from bench.usage import Processor
from bench.workers.backlog import copy_records
from bench.workers.group import until_complete
from deploy.local import databases
from deploy.local.ports import LOOPBACK, is_free
from deploy.local.progress import say
from shared.kafka.topics import ALL, EMPLOYEES, RESULTS, TALENTS, Topic, create_topics

_READS: Final[Mapping[str, Sequence[Topic]]] = {"placement": (EMPLOYEES, RESULTS), "reporting": (TALENTS,)}
_GROUPS: Final[Mapping[str, str]] = {"placement": "placement.talents", "reporting": "reporting.standings"}
_FIRST_PORT: Final = 8404
_HELD: Final = "SET lock_timeout = '20s'; LOCK TABLE derived.consumer_offset IN EXCLUSIVE MODE"
_TAKEN_IN: Final = "SELECT coalesce(sum(next_offset), 0)::bigint FROM derived.consumer_offset"
_WAITING: Final[Mapping[str, str]] = {"placement": "SELECT 0", "reporting": "SELECT count(*) FROM derived.dirty"}
_LOOK_EVERY: Final = 0.02
_PATIENCE: Final = 240.0


@dataclass(frozen=True, slots=True)
class _Backlog:
    """`count` events of the topics that a service reads, in a namespace that its workers publish into too."""

    service: str
    namespace: str
    count: int


async def measure_workers(bench: Bench) -> list[Row]:
    """A row for each service and number of workers. The topics of the installation are the backlog's source."""
    rows: list[Row] = []
    for service, topics in _READS.items():
        backlog = await _backlog_of(bench, service, topics)
        for number in bench.sizes.workers:
            rows.append(await _row(bench, backlog, number))
            say(f"{rows[-1].name}: {rows[-1].figure:,.0f} events/s")
    return rows


async def _backlog_of(bench: Bench, service: str, topics: Sequence[Topic]) -> _Backlog:
    servers, source = bench.stack.kafka_bootstrap_servers, bench.stack.kafka_namespace
    namespace = f"{source}{service}."
    await create_topics(servers, namespace, topics=ALL)
    count = await copy_records(servers, source, namespace, topics, bench.sizes.backlog)
    return _Backlog(service, namespace, count)


async def _row(bench: Bench, backlog: _Backlog, number: int) -> Row:
    """From an empty database, which knows of no offset: so the backlog is read from its beginning again."""
    stack, service = bench.stack, backlog.service
    name = f"bench_{service}"
    environment = {
        **environment_of(stack, bench.issuer),
        "KAFKA_NAMESPACE": backlog.namespace,
        f"{service.upper()}_DATABASE_URL": await bench.fresh_database(name),
    }
    try:
        await migrate(stack, service, environment)
        seconds, costs = await _taken_in(bench, backlog, environment, number)
    finally:
        await databases.drop(stack.database_url, [name])
    return Row.of(
        f"{number} × worker of {service}, {backlog.count:,} events from a backlog",
        "events/s",
        [backlog.count / seconds],
        load=load_average(),
        details={
            "processor_ms_per_event": {
                one: significant(spent / backlog.count * 1000) for one, spent in costs.items()
            }
        },
    )


async def _taken_in(
    bench: Bench, backlog: _Backlog, environment: Mapping[str, str], number: int
) -> tuple[float, dict[str, float]]:
    """Seconds from the moment that batches may begin, and of the processor by process."""
    stack, service = bench.stack, backlog.service
    database: Any = await asyncpg.connect(environment[f"{service.upper()}_DATABASE_URL"])
    try:
        async with _held(database), running(stack, _programs(service, environment, number)) as workers:
            await until_complete(stack.kafka_bootstrap_servers, backlog.namespace + _GROUPS[service], number)
            await database.execute("ROLLBACK")
            processor, began = Processor([*stack.children, *workers]), time.perf_counter()
            await _until_done(database, _WAITING[service], backlog.count)
            return time.perf_counter() - began, processor.seconds()
    finally:
        await database.close()


async def _until_done(database: Any, waiting: str, count: int) -> None:
    """Raises TimeoutError."""
    until = time.monotonic() + _PATIENCE
    while await database.fetchval(_TAKEN_IN) < count or await database.fetchval(waiting):
        if time.monotonic() > until:
            raise TimeoutError("the workers did not take everything in")
        await asyncio.sleep(_LOOK_EVERY)


@asynccontextmanager
async def _held(database: Any) -> AsyncIterator[None]:
    """No batch begins until the transaction ends, so that all workers start together."""
    await database.execute(f"BEGIN; {_HELD}")
    try:
        yield
    finally:
        await database.execute("ROLLBACK")


def _programs(service: str, environment: Mapping[str, str], number: int) -> list[Program]:
    free = (port for port in range(_FIRST_PORT, 65_000, 10) if is_free(port))
    ports = [next(free) for _ in range(number)]
    return [
        Program(
            f"{service}-worker-{place}-of-{number}",
            ("-m", f"services.{service}", "worker"),
            f"http://{LOOPBACK}:{port}",
            {**environment, f"{service.upper()}_WORKER_PORT": str(port)},
        )
        for place, port in enumerate(ports, 1)
    ]
