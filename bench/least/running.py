"""The least chain on the bench's servers: its databases, topics and processes, and the moments that it keeps."""

import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg

from bench.client import Client
from bench.freshness.scoring import Score, Scoring
from bench.freshness.topics import ends_of, published_since
from bench.installation import Bench
from bench.least.carrying import RESULTS, TALENTS
from bench.least.tables import SERVICES, fill
from bench.people import population_of, spread_over
from bench.processes import APART, Program, running
from bench.usage import Processor
from deploy.demo.population.people import Person
from deploy.local import databases
from deploy.local.ports import LOOPBACK, is_free
from deploy.local.processes import Child
from deploy.local.stack import Stack
from shared.kafka.topics import create_topics

_DATABASE: Final = "bench_least_{}"
_FIRST_PORT: Final = 8604
BARE_HOPS: Final = {
    "answered": "due → its answer has reached the caller",
    "results": "due → result handed to the broker",
    "placed": "→ talent written by placement, before its commit",
    "talents": "→ talent handed to the broker",
    "stood": "→ standing and sums written by reporting, before its commit",
    "visible": "→ talent and regional rank read over HTTP (every fifth score)",
    "total": "due → talent and regional rank read over HTTP",
}
_WRITTEN: Final = "SELECT employee_id, extract(epoch FROM written_at)::float8 FROM {} WHERE employee_id = ANY ($1)"


@dataclass(frozen=True, slots=True)
class Turn:
    """Milliseconds of each hop, and of the processor for one score by process."""

    hops: Mapping[str, Sequence[float]]
    costs: Mapping[str, float]
    client: float


@dataclass(frozen=True, slots=True)
class Chain:
    """Processes that run, whom scores are posted of, and the clients that post and read."""

    bench: Bench
    processes: Sequence[Child]
    urls: Mapping[str, str]
    people: Sequence[Person]
    scoring: Scoring

    async def turn(self, number: int, count: int) -> Turn:
        """`count` scores at the rate of freshness, each of somebody else."""
        servers, namespace = self.bench.stack.kafka_bootstrap_servers, self.bench.stack.kafka_namespace
        starts = [await ends_of(servers, namespace, topic) for topic in (RESULTS, TALENTS)]
        processor, began = Processor([*self.bench.stack.children, *self.processes]), time.process_time()
        scores = await self.scoring.run(self.people, number, rate=self.bench.sizes.rate, count=count)
        client = (time.process_time() - began) / count
        costs = {name: taken / count for name, taken in processor.seconds().items()}
        results, talents = [await published_since(servers, start) for start in starts]
        placed = await self._written("placement", "talent", scores)
        stood = await self._written("reporting", "standing", scores)
        hops: dict[str, list[float]] = {name: [] for name in BARE_HOPS}
        for score in scores:
            key = str(score.employee_id)
            way = [score.due, results[key], placed[score.employee_id], talents[key], stood[score.employee_id]]
            for name, seconds in _seconds(score, way).items():
                hops[name].append(seconds * 1000)
        return Turn(hops, costs, client)

    async def _written(self, service: str, table: str, scores: Sequence[Score]) -> dict[UUID, float]:
        connection: Any = await asyncpg.connect(self.urls[service])
        try:
            ids = [score.employee_id for score in scores]
            return {row[0]: row[1] for row in await connection.fetch(_WRITTEN.format(table), ids)}
        finally:
            await connection.close()


def _seconds(score: Score, way: Sequence[float]) -> dict[str, float]:
    due, results, placed, talents, stood = way
    seconds = {
        "answered": score.answered - due,
        "results": results - due,
        "placed": placed - results,
        "talents": talents - placed,
        "stood": stood - talents,
    }
    if score.visible is not None:
        seconds |= {"visible": score.visible - stood, "total": score.visible - due}
    return seconds


@asynccontextmanager
async def chain_of(bench: Bench) -> AsyncIterator[Chain]:
    """Ready to be scored; processes and databases are gone afterwards."""
    stack, population = bench.stack, population_of(bench.sizes.employees)
    people = spread_over(population, bench.sizes.scored)
    ids = {str(person.nip): uuid4() for person in people}
    await create_topics(stack.kafka_bootstrap_servers, stack.kafka_namespace, topics=(RESULTS, TALENTS))
    async with AsyncExitStack() as held:
        names = {service: _DATABASE.format(service) for service in SERVICES}
        held.push_async_callback(databases.drop, stack.database_url, list(names.values()))
        urls = {service: await bench.fresh_database(name) for service, name in names.items()}
        for service, url in urls.items():
            await fill(url, service, people, list(ids.values()))
        programs = _programs(stack, urls)
        processes = await held.enter_async_context(running(stack, programs))
        apis = [Client(program.url) for program in programs if program.name.endswith("-api")]
        assessment, placement, reporting = [await held.enter_async_context(api) for api in apis]
        scoring = Scoring(assessment, placement, reporting, ids, population.on.year - 1)
        yield Chain(bench, processes, urls, people, scoring)


def _programs(stack: Stack, urls: Mapping[str, str]) -> list[Program]:
    """A process of each service in each role, as in production."""
    ports = (port for port in range(_FIRST_PORT, 65_000) if is_free(port))
    programs = []
    for service, url in urls.items():
        for role in APART:
            name, port = f"{service}-{role}", str(next(ports))
            command = ("-m", "bench.least", name, port, stack.kafka_bootstrap_servers, stack.kafka_namespace)
            environment = {**os.environ, "DATABASE_URL": url}
            programs.append(Program(name, command, f"http://{LOOPBACK}:{port}", environment))
    return programs
