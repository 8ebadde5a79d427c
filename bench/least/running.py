"""The least chain on the bench's servers: its databases, topics and processes, and the moments that it keeps."""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg

from bench.client import Client
from bench.freshness.scoring import Score, Scoring
from bench.freshness.topics import ends_of, published_since
from bench.installation import Bench
from bench.least.asked.hops import TALENTS as TALENTS_ASKED
from bench.least.asked.tables import fill_all
from bench.least.asked.taking import RESULTS as RESULTS_ASKED
from bench.least.carrying import RESULTS, TALENTS
from bench.least.manner import Manner
from bench.least.tables import SERVICES, fill
from bench.people import population_of, spread_over
from bench.processes import APART, Program, environment_of, running
from bench.usage import Processor
from deploy.demo.population.people import Person
from deploy.local import databases
from deploy.local.ports import LOOPBACK, is_free
from deploy.local.processes import Child
from shared.kafka.topics import Topic, create_topics

_DATABASE: Final = "bench_least_{}"
_FIRST_PORT: Final = 8604
_DONE: Final = 200
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
_ROLES: Final = {"assessment": "integrator", "placement": "province_operator", "reporting": "province_operator"}


@dataclass(frozen=True, slots=True)
class Kind:
    """Which chain: that which is bare, or one that does what is asked of it besides and wants tokens."""

    program: str
    """The module that a process runs."""
    topics: tuple[Topic, Topic]
    fill: Callable[[str, str, Sequence[Person], Sequence[UUID]], Awaitable[None]]


BARE: Final = Kind("bench.least", (RESULTS, TALENTS), fill)
ASKED: Final = Kind("bench.least.asked", (RESULTS_ASKED, TALENTS_ASKED), fill_all)
FRAMED: Final = replace(ASKED, program="bench.least.framed")


@dataclass(frozen=True, slots=True)
class Turn:
    """Milliseconds of each hop that is kept, and seconds of the processor for one score by process."""

    hops: Mapping[str, Sequence[float]]
    costs: Mapping[str, float]
    client: float


@dataclass(frozen=True, slots=True)
class Chain:
    """Processes that run, whom scores are posted of, and the clients that post and read."""

    bench: Bench
    kind: Kind
    processes: Sequence[Child]
    urls: Mapping[str, str]
    people: Sequence[Person]
    scoring: Scoring
    clients: Mapping[str, Client]
    """By process."""

    async def tell(self, burdens: Mapping[str, float], *, gathers: bool) -> None:
        """Tell every process its burden in seconds, carried each time, or none, and whether to gather."""
        for name, client in self.clients.items():
            request = client.put(Manner.path(burdens.get(name, 0.0), gathers=gathers), b"")
            (await client.send(request)).expect(_DONE)

    async def turn(self, number: int, count: int, *, by_hop: bool = False) -> Turn:
        """`count` scores at the rate of freshness, each of somebody else; by hop where all moments are kept."""
        servers, namespace = self.bench.stack.kafka_bootstrap_servers, self.bench.stack.kafka_namespace
        starts = [await ends_of(servers, namespace, topic) for topic in self.kind.topics]
        processor, began = Processor([*self.bench.stack.children, *self.processes]), time.process_time()
        scores = await self.scoring.run(self.people, number, rate=self.bench.sizes.rate, count=count)
        client = (time.process_time() - began) / count
        costs = {name: taken / count for name, taken in processor.seconds().items()}
        hops = {"total": [score.milliseconds for score in scores if score.milliseconds is not None]}
        if by_hop:
            results, talents = [await published_since(servers, start) for start in starts]
            hops |= await self._hops(scores, results, talents)
        return Turn(hops, costs, client)

    async def _hops(
        self, scores: Sequence[Score], results: Mapping[str, float], talents: Mapping[str, float]
    ) -> dict[str, list[float]]:
        placed = await self._written("placement", "talent", scores)
        stood = await self._written("reporting", "standing", scores)
        hops: dict[str, list[float]] = {name: [] for name in BARE_HOPS if name != "total"}
        for score in scores:
            key = str(score.employee_id)
            way = [score.due, results[key], placed[score.employee_id], talents[key], stood[score.employee_id]]
            for name, seconds in _seconds(score, way).items():
                hops[name].append(seconds * 1000)
        return hops

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
    if score.visible is not None and isfinite(score.visible):
        seconds["visible"] = score.visible - stood
    return seconds


@asynccontextmanager
async def chain_of(bench: Bench, kind: Kind = BARE) -> AsyncIterator[Chain]:
    """Ready to be scored; processes and databases are gone afterwards."""
    stack, population = bench.stack, population_of(bench.sizes.employees)
    people = spread_over(population, bench.sizes.scored)
    ids = {str(person.nip): uuid4() for person in people}
    await create_topics(stack.kafka_bootstrap_servers, stack.kafka_namespace, topics=kind.topics)
    async with AsyncExitStack() as held:
        names = {service: _DATABASE.format(service) for service in SERVICES}
        held.push_async_callback(databases.drop, stack.database_url, list(names.values()))
        urls = {service: await bench.fresh_database(name) for service, name in names.items()}
        for service, url in urls.items():
            await kind.fill(url, service, people, list(ids.values()))
        programs = _programs(bench, kind, urls)
        processes = await held.enter_async_context(running(stack, programs))
        tokens = {service: None if kind is BARE else bench.token(role) for service, role in _ROLES.items()}
        clients = {
            program.name: await held.enter_async_context(
                Client(program.url, tokens[program.name.partition("-")[0]])
            )
            for program in programs
        }
        assessment, placement, reporting = (clients[f"{service}-api"] for service in SERVICES)
        scoring = Scoring(assessment, placement, reporting, ids, population.on.year - 1)
        await bench.checkpoint()
        yield Chain(bench, kind, processes, urls, people, scoring, clients)


def _programs(bench: Bench, kind: Kind, urls: Mapping[str, str]) -> list[Program]:
    """A process of each service in each role, as in production."""
    stack = bench.stack
    surroundings = os.environ if kind is BARE else environment_of(stack, bench.issuer)
    ports = (port for port in range(_FIRST_PORT, 65_000) if is_free(port))
    programs = []
    for service, url in urls.items():
        for role in APART:
            name, port = f"{service}-{role}", str(next(ports))
            servers = (stack.kafka_bootstrap_servers, stack.kafka_namespace)
            command = ("-m", kind.program, name, port, *servers)
            environment = {**surroundings, "DATABASE_URL": url}
            programs.append(Program(name, command, f"http://{LOOPBACK}:{port}", environment))
    return programs
