"""When everything has come to rest: nothing waits to be published, read or folded."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg
from aiokafka.errors import KafkaError

from deploy.local.settings import SERVICES
from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS, Topic
from tests.faults.system import System
from tests.faults.topics import Topics
from tests.shared.conditions import until

PATIENCE: Final = 150.0
"""Seconds after the end of a fault in which everything must be there."""
_LOOK_EVERY: Final = 0.1
READS: Final[Mapping[str, tuple[Topic, ...]]] = {
    "assessment": (EMPLOYEES,),
    "placement": (EMPLOYEES, RESULTS),
    "reporting": (TALENTS,),
}
_OFFSETS: Final = "SELECT topic, partition, next_offset FROM derived.consumer_offset"
_REACHED: Final = "SELECT employee_id, employee_version, assessment_version FROM derived.folded"
_AWAY: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError)


class Unsettled(Exception):
    """It did not come to rest; the message says what still waits where."""


async def until_met(system: System, people: int) -> None:
    """Wait until assessment has met so many employees: what is measured of them takes effect at once."""
    async with system.connected("assessment") as connection:

        async def met() -> bool:
            return int(await connection.fetchval("SELECT count(*) FROM derived.employee")) >= people

        await until(met, PATIENCE)


async def until_ranked(system: System, wanted: Mapping[UUID, tuple[int, int]]) -> float:
    """Wait until the ranking contains these versions of employees and of their results; the seconds it took.

    Cancelled, it answers at once.
    """
    began = time.monotonic()
    with suppress(asyncio.CancelledError, TimeoutError):
        await until(partial(_ranked, system, wanted), PATIENCE)
    return time.monotonic() - began


async def _ranked(system: System, wanted: Mapping[UUID, tuple[int, int]]) -> bool:
    try:
        async with system.connected("reporting") as connection:
            rows = {row[0]: (row[1], row[2]) for row in await connection.fetch(_REACHED)}
    except _AWAY:
        return False
    return all(
        rows.get(key, (0, 0))[0] >= employee and rows.get(key, (0, 0))[1] >= measured
        for key, (employee, measured) in wanted.items()
    )


async def settled(system: System, topics: Topics) -> None:
    """Wait until nothing is on its way. Raises Unsettled."""
    until = time.monotonic() + PATIENCE
    calm = 0
    while calm < 2:  # between two looks something may have moved from one place to the next
        try:
            waiting = await _waiting(system, topics)
        except _AWAY as error:
            waiting = Counter({type(error).__name__: 1})
        calm = 0 if waiting.total() else calm + 1
        if time.monotonic() > until:
            raise Unsettled(", ".join(f"{count} {what}" for what, count in waiting.items()))
        await asyncio.sleep(_LOOK_EVERY)


async def _waiting(system: System, topics: Topics) -> Counter[str]:
    waiting: Counter[str] = Counter()
    ends = await topics.ends()
    for service in SERVICES:
        async with system.connected(service) as connection:
            waiting[f"{service} outbox"] = await connection.fetchval("SELECT count(*) FROM source.outbox")
            if service == "reporting":
                waiting["unfolded"] = await connection.fetchval("SELECT count(*) FROM derived.dirty")
                waiting["unpublished regions"] = await connection.fetchval(
                    "SELECT count(*) FROM derived.board_row WHERE version > published_version"
                )
            offsets = {(row[0], row[1]): row[2] for row in await connection.fetch(_OFFSETS)}
        for partition in [each for topic in READS.get(service, ()) for each in topics.partitions(topic)]:
            waiting[f"{service} unread"] += max(0, ends[partition] - offsets.get(partition, 0))
    return waiting
