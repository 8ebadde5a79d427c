"""How far each partition of the own topic has been checked (`derived.topic_check`)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of

_LOAD: Final = "SELECT partition, next_offset, checked_at, newest_at FROM derived.topic_check WHERE topic = $1"
# Who began earlier must not set back who began later. Offsets may well go back: a topic made anew begins at 0.
_STORE: Final = """
    INSERT INTO derived.topic_check AS known (topic, partition, next_offset, checked_at, newest_at)
    SELECT $1, *
    FROM unnest($2::int[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])
        AS checked (partition, next_offset, checked_at, newest_at)
    ORDER BY partition
    ON CONFLICT (topic, partition) DO UPDATE
    SET next_offset = excluded.next_offset, checked_at = excluded.checked_at, newest_at = excluded.newest_at
    WHERE known.checked_at <= excluded.checked_at
"""


class Place(NamedTuple):
    """Where the check of a partition goes on: all that came before `checked_at` lies below `next_offset`.

    `newest_at` is when its last state was written, unless something else is its last record.
    """

    next_offset: int
    checked_at: datetime
    newest_at: datetime | None


async def load(session: AsyncSession, topic: str) -> dict[int, Place]:
    """The places stored last, by partition; empty where nothing was."""
    rows = await (await driver_of(session)).fetch(_LOAD, topic)
    return {partition: Place(*place) for partition, *place in rows}


async def store(session: AsyncSession, topic: str, places: Mapping[int, Place]) -> None:
    """Store the places of all partitions."""
    columns = map(list, zip(*places.values(), strict=True))
    await (await driver_of(session)).execute(_STORE, topic, list(places), *columns)


async def database_time(session: AsyncSession) -> datetime:
    """Now, by the one clock that all replicas share."""
    now: datetime = await (await driver_of(session)).fetchval("SELECT clock_timestamp()")
    return now
