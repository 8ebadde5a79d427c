"""Every part by itself on the bench's servers; their sum bounds what any chain of such parts can do."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import asyncpg

from bench.bulk.floor import BulkFloor
from bench.client import Client
from bench.figures import Row
from bench.installation import Bench
from bench.machine import load_average
from bench.parts.carrying import Carrying
from bench.parts.costing import Round, means
from bench.parts.reckoning import reckoning
from bench.parts.sample import Sample
from bench.parts.writing import AT_ONCE, FOLDED, TALENT, Batch, Writes
from bench.people import population_of, score_in
from bench.processes import Program, environment_of, running
from deploy.local import databases
from deploy.local.ports import LOOPBACK, is_free
from deploy.local.processes import Child
from deploy.local.progress import say

_DATABASE: Final = "bench_parts"
_FIRST_PORT: Final = 8504
_READ: Final = {
    TALENT: "the talent's five indexes besides",
    FOLDED: "the folded copy's two indexes and ranks in blocks besides",
}


async def measure_parts(bench: Bench) -> list[Row]:
    """Scores a second at which all cores do nothing but the least parts; the same with what reads stand on."""
    sample, turns, speeds = Sample.taken(), list[_Turn](), list[float]()
    async with AsyncExitStack() as held:
        floor = await held.enter_async_context(_floor(bench, sample))
        parts = await held.enter_async_context(_parts(bench, sample))
        # One round first that does not count: plans and caches are those of programs that have run for a while.
        for turn in range(1 + bench.sizes.repeats):
            bare = Round(bench, bench.sizes.bulk_rows)
            await bare.note("floor", partial(_noted, floor.events_a_second(), speeds))
            taken = _Turn(bare, speeds[-1], *await parts.round())
            turns += [taken] if turn else []
            costs = f"{taken.least.microseconds:.0f} + {taken.beside.microseconds:.0f} µs of the processor"
            say(f"the least parts of a score: {costs}; floor {taken.speed:,.0f}/s")
    return _rows(turns, os.cpu_count() or 1)


def _rows(turns: Sequence["_Turn"], cores: int) -> list[Row]:
    floors = [turn.speed for turn in turns]
    least = [turn.least.microseconds for turn in turns]
    whole = [turn.least.microseconds + turn.beside.microseconds for turn in turns]
    details = {
        "microseconds": means([turn.least for turn in turns]),
        "beside_microseconds": means([turn.beside for turn in turns]),
        "floor_microseconds": means([turn.floor for turn in turns]),
    }
    load = load_average()
    return [
        Row.of(name, "events/s", [cores * 1e6 / one for one in costs], floors, load=load, details=more)
        for name, costs, more in (
            (f"bulk at most: the least parts of a score, on {cores} cores that do nothing else", least, details),
            ("the same, with the envelope, and the indexes and ranks that are read", whole, {}),
        )
    ]


@dataclass(frozen=True, slots=True)
class _Turn:
    """`speed` of the floor in events a second, and what it, the least parts, and those beside them cost."""

    floor: Round
    speed: float
    least: Round
    beside: Round


@dataclass(frozen=True, slots=True)
class _Parts:
    """What one score goes through, ready to be gone through."""

    bench: Bench
    sample: Sample
    client: Client
    receiver: Child
    writes: Writes
    read_writes: Writes
    carrying: Carrying

    async def round(self) -> tuple[Round, Round]:
        """Each part of as many scores, one part after the other; and what comes on top of some."""
        least = Round(self.bench, self.bench.sizes.parts_rows)
        await least.note("batches received over HTTP and validated", self._receive, server=self.receiver)
        await _write(self.writes, least)
        keys, headers = [b"%036d" % number for number in range(least.rows)], self.sample.headers()
        for state in (self.sample.assessment, self.sample.talent):
            payload = state.model_dump_json().encode()
            await least.note("record produced, twice", partial(self.carrying.produce, keys, payload, headers))
            await least.note("record consumed, twice", partial(self.carrying.consume, least.rows))
        for part, reckon in reckoning(self.sample).items():
            await least.note(part, partial(_again_and_again, reckon, least.rows))
        return least, await self._beside(least)

    async def _beside(self, least: Round) -> Round:
        read, beside = Round(self.bench, least.rows), Round(self.bench, least.rows)
        await _write(self.read_writes, read)
        for part, words in _READ.items():
            beside.parts[words] = read.parts[part].over(least.parts[part])
        await beside.note(
            "envelope made and read, twice", partial(_again_and_again, self.sample.enveloped, least.rows)
        )
        return beside

    async def _receive(self) -> None:
        population = population_of(AT_ONCE)
        scores = [score_in(0, person, population.on.year - 1) for person in population.people()]
        request = self.client.post("/", {"scores": scores}, {})
        for _ in range(self.bench.sizes.parts_rows // AT_ONCE):
            (await self.client.send(request)).expect(200)


async def _write(writes: Writes, noted: Round) -> None:
    for part, batches in writes.round().items():
        await noted.note(part, partial(_one_by_one, batches))


async def _one_by_one(batches: Sequence[Batch]) -> None:
    for batch in batches:
        await batch()


async def _noted(measured: Awaitable[float], found: list[float]) -> None:
    found.append(await measured)


async def _again_and_again(reckon: Callable[[], Any], times: int) -> None:
    for _ in range(times):
        reckon()


@asynccontextmanager
async def _parts(bench: Bench, sample: Sample) -> AsyncIterator[_Parts]:
    """With a receiver, a database and a topic of their own; the first two are gone afterwards."""
    stack = bench.stack
    port = next(port for port in range(_FIRST_PORT, 65_000, 10) if is_free(port))
    url = f"http://{LOOPBACK}:{port}"
    command = ("-m", "bench.parts.receiving", str(port))
    program = Program("bench-receiving", command, url, environment_of(stack, bench.issuer))
    async with AsyncExitStack() as held:
        [receiver] = await held.enter_async_context(running(stack, [program]))
        client = await held.enter_async_context(Client(url))
        database_url = await bench.fresh_database(_DATABASE)
        held.push_async_callback(databases.drop, stack.database_url, [_DATABASE])
        writes, read_writes = [
            await held.enter_async_context(_writes(database_url, sample, bench.sizes.parts_rows, read=read))
            for read in (False, True)
        ]
        topics = Carrying(stack.kafka_bootstrap_servers, stack.kafka_namespace)
        carrying = await held.enter_async_context(topics)
        yield _Parts(bench, sample, client, receiver, writes, read_writes, carrying)


@asynccontextmanager
async def _writes(database_url: str, sample: Sample, people: int, *, read: bool) -> AsyncIterator[Writes]:
    connection = await asyncpg.connect(database_url)
    try:
        writes = Writes(connection, sample, people, read=read)
        await writes.prepare()
        yield writes
    finally:
        await connection.close()


@asynccontextmanager
async def _floor(bench: Bench, sample: Sample) -> AsyncIterator[BulkFloor]:
    """That of bulk, taken by turns with the parts."""
    stack = bench.stack
    url = await bench.fresh_database("bench_floor")
    floor = BulkFloor(url, stack.kafka_bootstrap_servers, f"{stack.kafka_namespace}parts.")
    await floor.produce(sample.assessment, bench.sizes.bulk_rows)
    yield floor
