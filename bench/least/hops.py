"""What the processes on the way of a score do. Nothing is validated, guarded by a token, logged or counted.

What they carry is nothing, but for the budget.
"""

import asyncio
from typing import Final

from pydantic_core import from_json

from bench.least.carrying import (
    ARRIVED,
    OUTBOX,
    RESULTS,
    TALENTS,
    Batch,
    Relay,
    Surroundings,
    Telling,
    coming,
    consume,
)
from bench.least.reading import show_ranks, show_talents
from bench.least.serving import Request, Sessions, answer, nothing, serve
from bench.least.starting import Hops
from bench.least.tables import ACCEPT, HELD, PAYLOAD, PLACE, STAND, connected


class Overtaken(Exception):
    """Somebody else wrote what this hop alone writes."""


async def accept(around: Surroundings) -> None:
    """Takes single scores over HTTP: who is meant is all that is read of them."""
    sessions, waking = await Sessions.of(around.database_url), await Telling.of(around, OUTBOX)

    async def take(request: Request) -> bytes:
        around.manner.carry(1)
        nip = from_json(request.body)["nip"]
        key, version = await sessions.fetchrow(ACCEPT, nip, request.body, PAYLOAD)
        waking.tell()
        return answer(201, headers=f"Talenta-Token: results/{key}@{version}\r\n")

    await serve(around, take)


async def relay(around: Surroundings) -> None:
    """Publishes the results that `accept` has written."""
    async with Relay.of(around, RESULTS) as own, asyncio.TaskGroup() as group:
        group.create_task(own.run())
        group.create_task(serve(around, nothing))


async def place_talents(around: Surroundings) -> None:
    """From results to talents, without a rule: what was held is read, and the same state goes on."""
    session, arrived = await connected(around.database_url), await Telling.of(around, ARRIVED)
    async with (
        Relay.of(around, TALENTS) as own,
        coming(around, RESULTS) as results,
        asyncio.TaskGroup() as group,
    ):

        async def take(batch: Batch) -> None:
            around.manner.carry(len(batch.states))
            ids = list(batch.states)
            versions = {row["employee_id"]: row["version"] for row in await session.fetch(HELD, ids)}
            held, states = [versions[one] for one in ids], list(batch.states.values())
            written = await session.execute(
                PLACE, batch.partitions, batch.offsets, ids, held, batch.versions, states
            )
            if written != f"INSERT 0 {len(ids)}":
                raise Overtaken(written)
            own.wake()
            arrived.tell(batch.arrived)

        group.create_task(own.run())
        group.create_task(consume(results, take))
        group.create_task(serve(around, nothing))


async def stand(around: Surroundings) -> None:
    """From talents to standings and the sums of their regions; the value is the version."""
    session, arrived = await connected(around.database_url), await Telling.of(around, ARRIVED)

    async def take(batch: Batch) -> None:
        versions = batch.versions
        around.manner.carry(len(versions))
        await session.execute(STAND, batch.partitions, batch.offsets, list(batch.states), versions, versions)
        arrived.tell(batch.arrived)

    async with coming(around, TALENTS) as talents, asyncio.TaskGroup() as group:
        group.create_task(consume(talents, take))
        group.create_task(serve(around, nothing))


HOPS: Final[Hops] = {
    "assessment-api": accept,
    "assessment-worker": relay,
    "placement-api": show_talents,
    "placement-worker": place_talents,
    "reporting-api": show_ranks,
    "reporting-worker": stand,
}
