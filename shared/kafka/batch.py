"""One batch is one transaction: effects, dead letters and the next offsets are there together, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka.structs import ConsumerRecord, TopicPartition
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.kept import KeptConnection
from shared.db.session import Database, driver_of, savepoint
from shared.db.trouble import is_database_trouble
from shared.kafka import offsets
from shared.kafka.dead_letter import DeadLetter, Limits, TooManyDeadLetters, Track, bury, reason_of
from shared.kafka.decoding import Event
from shared.kafka.subscription import Handler


@dataclass(frozen=True, slots=True)
class Batch:
    """What one fetch brought: all its records, and what became of decoding them."""

    fetched: Mapping[TopicPartition, Sequence[ConsumerRecord]]
    events: Sequence[Event]
    undecodable: Sequence[DeadLetter]

    @property
    def size(self) -> int:
        """Records."""
        return len(self.events) + len(self.undecodable)

    @property
    def next_offsets(self) -> offsets.Offsets:
        """Where each partition goes on after this batch."""
        return {tp: records[-1].offset + 1 for tp, records in self.fetched.items()}


class BatchWriter:
    """Writes the batches of one consumer group, and minds how many dead letters each partition leaves."""

    def __init__(
        self, database: Database | KeptConnection, *, group: str, handle: Handler, limits: Limits
    ) -> None:
        self._database = database
        self._group = group
        self._handle = handle
        self._limits = limits
        self._tracks: dict[TopicPartition, Track] = {}

    async def write(self, batch: Batch) -> Sequence[DeadLetter]:
        """Apply the batch, all or nothing, and return its dead letters.

        Raises TooManyDeadLetters, or the error itself where the database is in trouble: then nothing was written.
        """
        try:
            return await self._write_whole(batch)
        except TooManyDeadLetters:
            raise
        except Exception as error:
            if is_database_trouble(error):
                raise
        return await self._write_halving(batch)

    async def _write_whole(self, batch: Batch) -> Sequence[DeadLetter]:
        async with self._database.transaction() as session:
            # First, for with it the batch counts among those that `offsets.halt_batches` waits for.
            await offsets.store(session, self._group, batch.next_offsets)
            await self._hand_over(session, batch.events)
            tracks = await self._conclude(session, batch, batch.undecodable)
        self._tracks |= tracks
        return batch.undecodable

    async def _write_halving(self, batch: Batch) -> Sequence[DeadLetter]:
        async with self._database.transaction() as session:
            await offsets.store(session, self._group, batch.next_offsets)
            driver = await driver_of(session)
            # What would only fail at the commit fails at the record that causes it.
            await driver.execute("SET CONSTRAINTS ALL IMMEDIATE")
            dead = [*batch.undecodable, *await self._halve(session, batch.events)]
            tracks = await self._conclude(session, batch, dead)
        self._tracks |= tracks
        return dead

    async def _halve(self, session: AsyncSession, events: Sequence[Event]) -> list[DeadLetter]:
        """Handle what can be handled, in order; return the records that cannot be, even alone."""
        try:
            async with savepoint(session):
                await self._hand_over(session, events)
        except Exception as error:
            if is_database_trouble(error):
                raise
            if len(events) == 1:
                return [DeadLetter(events[0].record, reason_of(error))]
        else:
            return []
        middle = len(events) // 2
        first = await self._halve(session, events[:middle])
        return first + await self._halve(session, events[middle:])

    async def _hand_over(self, session: AsyncSession, events: Sequence[Event]) -> None:
        if events:
            await self._handle(session, [event.received for event in events])

    async def _conclude(
        self,
        session: AsyncSession,
        batch: Batch,
        dead: Sequence[DeadLetter],
    ) -> dict[TopicPartition, Track]:
        tracks = self._tracks_after(batch, dead)
        await bury(session, self._group, dead)
        return tracks

    def _tracks_after(self, batch: Batch, dead: Sequence[DeadLetter]) -> dict[TopicPartition, Track]:
        lost = {(letter.record.topic, letter.record.partition, letter.record.offset) for letter in dead}
        tracks = {}
        for tp, records in batch.fetched.items():
            fine = [(*tp, record.offset) not in lost for record in records]
            try:
                tracks[tp] = self._tracks.get(tp, Track()).after(fine, self._limits)
            except TooManyDeadLetters as error:
                reasons = sorted({letter.reason for letter in dead})
                raise TooManyDeadLetters(
                    f"{self._group} stopped at {tp.topic}[{tp.partition}]: {error}. Nothing of this batch was "
                    f"written. Reasons: {'; '.join(reasons[:3])}",
                ) from None
        return tracks
