"""Each program on the same broker and database server: how fast it is, and what is wrong after kill -9."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg
import psutil

from bench.comparison.contenders import CONTENDERS, Contender, start
from bench.comparison.job import HANDLED, TABLES, TOPIC, expected
from bench.comparison.scores import produce
from bench.figures import Figures, Limit, Row, failed
from bench.installation import Bench
from bench.machine import load_average
from deploy.local import databases
from deploy.local.errors import ChildFailedError, StackError
from deploy.local.processes import Child
from deploy.local.progress import say
from shared.db.core_tables import CORE_V1

AGAINST_PLAIN: Final = Limit("≥ 10 × one message at a time", at_least=10.0)
_LONGEST_START: Final = 45.0
_LONGEST_REPAIR: Final = 60.0
_LOOK_EVERY: Final = 0.02
_SHORT: Final = 1_500
"""Scores of the run in which a program is killed that takes in one after the other."""
Found = TypeVar("Found")
_SCHEMAS: Final = "CREATE SCHEMA source; CREATE SCHEMA derived"


class Comparison:
    """The programs on the servers of a bench; two topics, a long one for speed and a short one to be killed in."""

    def __init__(self, bench: Bench, interpreter: Path) -> None:
        self._bench = bench
        self._interpreter = interpreter
        self._runs = 0

    async def speeds(self, contender: Contender) -> Figures:
        """Scores a second, repeat by repeat. Raises StackError or TimeoutError."""
        speeds = [await self._scores_a_second(contender) for _ in range(self._bench.sizes.compared_repeats)]
        say(f"{contender.name}: {speeds[-1]:,.0f} scores/s")
        return speeds

    async def _scores_a_second(self, contender: Contender) -> float:
        """How many it takes in, from its first effect until all are there or the time is up."""
        count, seconds = self._bench.sizes.compared, self._bench.sizes.compared_seconds
        async with self._fresh(contender, "long.") as (database, environment):
            child = self._start(contender, environment)
            try:
                first = await self._handled(child, database, more_than=0, within=_LONGEST_START)
                if not first:
                    raise TimeoutError(f"{contender.name} took nothing in; its log: {child.log}")
                began = time.perf_counter()
                last = await self._handled(child, database, more_than=count - 1, within=seconds)
                return (last - first) / (time.perf_counter() - began)
            finally:
                await _kill(child)

    async def wrong_after_kills(self, contender: Contender) -> int:
        """Killed after a third and two thirds and started again: by how many the tally is wrong at the end.

        Raises StackError.
        """
        topic, count = ("short.", _SHORT) if contender.one_by_one else ("long.", self._bench.sizes.compared)
        async with self._fresh(contender, topic) as (database, environment):
            for until in (count // 3, count * 2 // 3, count - 1):
                child = self._start(contender, environment)
                try:
                    await self._handled(child, database, more_than=until, within=_LONGEST_REPAIR)
                finally:
                    await _kill(child)
            return _distance(await database.fetch("SELECT region, box, people FROM tally"), expected(count))

    def _start(self, contender: Contender, environment: dict[str, str]) -> Child:
        stack = self._bench.stack
        return start(contender, self._interpreter, environment, stack.register, stack.settings.logs)

    @asynccontextmanager
    async def _fresh(self, contender: Contender, topic: str) -> AsyncIterator[tuple[Any, dict[str, str]]]:
        """A database and a consumer group of its own."""
        self._runs += 1
        stack, run = self._bench.stack, self._runs
        name = f"bench_comparison_{run}"
        url = await self._bench.fresh_database(name)
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(f"{TABLES}; {_SCHEMAS}; {'; '.join(CORE_V1)}")
            folder = stack.settings.folder / "comparison" / f"run-{run}"
            folder.mkdir(parents=True)
            yield (
                connection,
                {
                    **os.environ,
                    "BROKER": stack.kafka_bootstrap_servers,
                    "DATABASE": url,
                    "TOPIC": f"{stack.kafka_namespace}{topic}{TOPIC}",
                    "GROUP": f"{contender.module}-{run}",
                    "FOLDER": str(folder),
                },
            )
        finally:
            await connection.close()
            await databases.drop(stack.database_url, [name])

    async def _handled(self, child: Child, database: Any, *, more_than: int, within: float) -> int:
        """Wait for that many effects, or until the time is up; how many there are then."""
        until = time.monotonic() + within
        while (handled := int(await database.fetchval(HANDLED))) <= more_than and time.monotonic() < until:
            if child.ended:
                raise ChildFailedError(child.name, f"ended with code {child.process.returncode}", child.log)
            await asyncio.sleep(_LOOK_EVERY)
        return handled


def _distance(rows: list[Any], right: Mapping[tuple[str, int], int]) -> int:
    found = {(region, box): people for region, box, people in rows}
    return sum(abs(found.get(key, 0) - right.get(key, 0)) for key in found.keys() | right.keys())


async def _kill(child: Child) -> None:
    with suppress(psutil.NoSuchProcess):
        child.process.kill()
    await asyncio.to_thread(child.process.wait)
    child.register.remove(child.process.pid)


async def measure_comparison(bench: Bench, interpreter: Path) -> list[Row]:
    """A row a program, ours first. `interpreter` is that of the frameworks' environment."""
    stack = bench.stack
    for name, count in (("long.", bench.sizes.compared), ("short.", _SHORT)):
        await produce(stack.kafka_bootstrap_servers, stack.kafka_namespace + name, count)
    comparison = Comparison(bench, interpreter)
    speeds = [await _tried(comparison.speeds(contender)) for contender in CONTENDERS]
    # Side by side, for no clock runs: each waits most of the time until the broker takes it for dead.
    async with asyncio.TaskGroup() as group:
        kills = [group.create_task(_tried(comparison.wrong_after_kills(contender))) for contender in CONTENDERS]
    rows = [_row(*one) for one in zip(CONTENDERS, speeds, [each.result() for each in kills], strict=True)]
    return [*rows, *_against_the_plain_way(rows)]


async def _tried(work: Awaitable[Found]) -> Found | StackError | TimeoutError:
    """Where one program fails, the others are compared all the same."""
    try:
        return await work
    except (StackError, TimeoutError) as error:
        return error


def _row(contender: Contender, speeds: Figures | Exception, wrong: int | Exception) -> Row:
    if isinstance(speeds, Exception):
        return _failed(contender, speeds)
    if isinstance(wrong, Exception):
        return _failed(contender, wrong)
    say(f"{contender.name}: {wrong} people counted wrong after two kills")
    details = {"guarantees": contender.guarantees, "wrong_after_two_kills": wrong}
    return Row.of(_named(contender), "scores/s", speeds, load=load_average(), details=details)


def _failed(contender: Contender, error: Exception) -> Row:
    say(f"{contender.name} could not be measured: {error}")
    return failed(_named(contender), error, load=load_average())


def _named(contender: Contender) -> str:
    return f"the same small job: {contender.name}"


def _against_the_plain_way(rows: Sequence[Row]) -> list[Row]:
    """Ours over FastStream's, where both were measured."""
    speeds = {row.name: row.repeats for row in rows if "guarantees" in row.details}
    ours, plain = (speeds.get(_named(contender)) for contender in CONTENDERS[:2])
    if ours is None or plain is None:
        return []
    name = "the same small job: Talenta over FastStream + SQLModel"
    return [Row.of(name, "scores/s", ours, plain, load=load_average(), limit=AGAINST_PLAIN)]
