"""Offsets are stored with the data that they belong to (`derived.consumer_offset`): the database is the truth.

Kafka is told afterwards, for its tools. To read a partition again, stop the group and delete its row; to read it
again from some place, update the row.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from aiokafka.structs import TopicPartition
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of

Offsets = Mapping[TopicPartition, int]
"""The next offset to read, by partition."""

_LOAD: Final = """
    SELECT topic, partition, next_offset
    FROM derived.consumer_offset
    JOIN unnest($2::text[], $3::int[]) AS wanted (topic, partition) USING (topic, partition)
    WHERE consumer_group = $1
"""
# A member that lost its partitions without knowing it must not set back what the new owner has read.
_STORE: Final = """
    INSERT INTO derived.consumer_offset (consumer_group, topic, partition, next_offset)
    SELECT $1, topic, partition, next_offset
    FROM unnest($2::text[], $3::int[], $4::bigint[]) AS read (topic, partition, next_offset)
    ORDER BY topic, partition
    ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET next_offset = excluded.next_offset
    WHERE consumer_offset.next_offset <= excluded.next_offset
"""
_FORGET: Final = """
    DELETE FROM derived.consumer_offset
    USING unnest($2::text[], $3::int[], $4::bigint[]) AS wrong (topic, partition, next_offset)
    WHERE consumer_group = $1
      AND consumer_offset.topic = wrong.topic
      AND consumer_offset.partition = wrong.partition
      AND consumer_offset.next_offset = wrong.next_offset
"""

# Every batch writes this table in its first statement. A lock of the table itself is one that readers do not
# notice, that shows in pg_locks, and that obeys `lock_timeout`.
_JOIN: Final = "LOCK TABLE derived.consumer_offset IN ROW EXCLUSIVE MODE"
_HALT: Final = "LOCK TABLE derived.consumer_offset IN EXCLUSIVE MODE"


async def load(session: AsyncSession, group: str, partitions: Iterable[TopicPartition]) -> Offsets:
    """The stored offsets of these partitions; those never read are missing."""
    driver = await driver_of(session)
    wanted = list(partitions)
    rows = await driver.fetch(_LOAD, group, [tp.topic for tp in wanted], [tp.partition for tp in wanted])
    return {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def store(session: AsyncSession, group: str, offsets: Offsets) -> None:
    """Store in the session's transaction; an offset never goes back."""
    await _execute(session, _STORE, group, offsets)


async def forget(session: AsyncSession, group: str, offsets: Offsets) -> None:
    """Delete the rows that still hold exactly these offsets."""
    await _execute(session, _FORGET, group, offsets)


async def join_batches(session: AsyncSession) -> None:
    """Count among the batches until the transaction ends: for whoever hands records over without an offset."""
    await (await driver_of(session)).execute(_JOIN)


async def halt_batches(session: AsyncSession) -> None:
    """Wait for the batches under way, and hold back all others until the transaction ends.

    Until then the tables hold exactly what lies below the stored offsets. Others queue behind whoever waits here,
    so set a short `lock_timeout` before.
    """
    await (await driver_of(session)).execute(_HALT)


async def _execute(session: AsyncSession, statement: str, group: str, offsets: Offsets) -> None:
    driver = await driver_of(session)
    await driver.execute(
        statement,
        group,
        [tp.topic for tp in offsets],
        [tp.partition for tp in offsets],
        list(offsets.values()),
    )
