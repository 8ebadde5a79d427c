"""Workers of placement and of reporting on a backlog, each number of them from nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from bench.figures import Row, significant
from bench.installation import Bench
from bench.machine import load_average
from bench.processes import Program, environment_of, migrate, running
from bench.usage import Processor
from bench.workers.backlog import copy_records
from deploy.local import databases
from deploy.local.ports import LOOPBACK, is_free
from deploy.local.progress import say
from shared.kafka.topics import ALL, EMPLOYEES, RESULTS, TALENTS, Topic, create_topics

_READS: Final[Mapping[str, Sequence[Topic]]] = {"placement": (EMPLOYEES, RESULTS), "reporting": (TALENTS,)}
_FIRST_PORT: Final = 8404
_HELD: Final = "SET lock_timeout = '20s'; LOCK TABLE derived.consumer_offset IN EXCLUSIVE MODE"
_TAKEN_IN: Final = "SELECT coalesce(sum(next_offset), 0)::bigint FROM derived.consumer_offset"
_WAITING: Final[Mapping[str, str]] = {"placement": "SELECT 0", "reporting": "SELECT count(*) FROM derived.dirty"}
_SETTLING: Final = 4.0
"""Seconds in which the members of a group find each other."""
_LOOK_EVERY: Final = 0.02
_PATIENCE: Final = 240.0


async def measure_workers(bench: Bench) -> list[Row]:
    """A row for each service and number of workers. The topics of the installation are the backlog's source."""
    rows: list[Row] = []
    for service, topics in _READS.items():
        for number in bench.sizes.workers:
            rows.append(await _row(bench, service, topics, number))
            say(f"{rows[-1].name}: {rows[-1].figure:,.0f} events/s")
    return rows


async def _row(bench: Bench, service: str, topics: Sequence[Topic], number: int) -> Row:
    stack = bench.stack
    # What the workers publish goes into this namespace too, so each run has its own.
    namespace = f"{stack.kafka_namespace}{service}{number}."
    servers = stack.kafka_bootstrap_servers
    await create_topics(servers, namespace, topics=ALL)
    count = await copy_records(servers, stack.kafka_namespace, namespace, topics, bench.sizes.backlog)
    name = f"bench_{service}"
    environment = {
        **environment_of(stack, bench.issuer),
        "KAFKA_NAMESPACE": namespace,
        f"{service.upper()}_DATABASE_URL": await bench.fresh_database(name),
    }
    try:
        await migrate(stack, service, environment)
        seconds, costs = await _taken_in(bench, service, environment, number, count)
    finally:
        await databases.drop(stack.database_url, [name])
    return Row.of(
        f"{number} × worker of {service}, {count:,} events from a backlog",
        "events/s",
        [count / seconds],
        load=load_average(),
        details={
            "processor_ms_per_event": {one: significant(spent / count * 1000) for one, spent in costs.items()}
        },
    )


async def _taken_in(
    bench: Bench, service: str, environment: Mapping[str, str], number: int, count: int
) -> tuple[float, dict[str, float]]:
    """Seconds from the moment that batches may begin, and of the processor by process."""
    database: Any = await asyncpg.connect(environment[f"{service.upper()}_DATABASE_URL"])
    try:
        async with _held(database), running(bench.stack, _programs(service, environment, number)) as workers:
            await asyncio.sleep(_SETTLING)
            await database.execute("ROLLBACK")
            processor, began = Processor([*bench.stack.children, *workers]), time.perf_counter()
            await _until_done(database, _WAITING[service], count)
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
