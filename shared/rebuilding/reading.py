"""Reading the partitions of a replay up to given offsets: all records, or portions of the newest of each key."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.kafka.decoding import Source
from shared.kafka.offsets import Offsets
from shared.kafka.topics import MAX_RECORD_BYTES
from shared.rebuilding.newest import Portion

LARGEST_BATCH: Final = 5_000
"""Records that are handed on at once where all of them are."""
_LARGEST_BYTES: Final = 32 * 1024 * 1024
_AT_ONCE: Final = 250
"""Records that the client makes at once. They are read and mostly forgotten while the processor has them at hand:
with 5,000 the same took twice the time."""
_FETCH_MILLISECONDS: Final = 200
_LONGEST_SILENCE: Final = 60.0

_CONSUMER: Final[dict[str, Any]] = {
    "enable_auto_commit": False,
    "auto_offset_reset": "none",
    "fetch_max_bytes": 16 * 1024 * 1024,
    # Whole partitions come in few answers.
    "max_partition_fetch_bytes": 4 * MAX_RECORD_BYTES,
}

Fetched = dict[TopicPartition, list[ConsumerRecord]]


class NotReplayable(Exception):
    """The topic does not lead to where the live tables are; the message says why."""


class Reader:
    """One client over some partitions. `reached` is how far each was read."""

    def __init__(self, partitions: Sequence[TopicPartition], bootstrap_servers: str) -> None:
        self.reached: dict[TopicPartition, int] = {}
        self._partitions = partitions
        self._kafka = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, **_CONSUMER)

    async def start(self, stored: Offsets) -> None:
        """Begin at the stored offsets. Where that fails, nothing is left to stop."""
        try:
            await self._kafka.start()
            await self._begin_at(stored)
        except BaseException:
            await self.stop()
            raise

    async def _begin_at(self, stored: Offsets) -> None:
        self._kafka.assign(self._partitions)
        # A fetch that waits for news of one partition holds up the next one: only those in turn are fetched.
        self._kafka.pause(*self._partitions)
        first = await self._kafka.beginning_offsets(self._partitions)
        # Only a topic that was emptied begins behind what was read of it.
        self._go_to({tp: max(first[tp], stored.get(tp, 0)) for tp in self._partitions})

    async def stop(self) -> None:
        await self._kafka.stop()

    async def ends(self) -> Offsets:
        """Where the topics end now."""
        ends: Offsets = await self._kafka.end_offsets(self._partitions)
        return ends

    def left(self, targets: Offsets) -> int:
        """How many offsets lie ahead of these targets."""
        return sum(max(target - self.reached[tp], 0) for tp, target in targets.items())

    async def pieces(self, targets: Offsets) -> AsyncIterator[Fetched]:
        """All that lies below the targets, as it comes."""
        behind = {tp for tp, target in targets.items() if self.reached[tp] < target}
        while behind:
            fetched = await self._fetch(behind)
            for tp in list(behind):
                # The position moves on past what compaction has taken.
                position = await self._kafka.position(tp)
                self.reached[tp] = min(position, targets[tp])
                if position >= targets[tp]:
                    behind.discard(tp)
                    self._kafka.pause(tp)
                    self._kafka.seek(tp, targets[tp])
            below = {tp: _below(records, targets[tp]) for tp, records in fetched.items()}
            # What the client has at hand it gives without a pause: whoever writes must get his turn.
            await asyncio.sleep(0)
            yield {tp: records for tp, records in below.items() if records}

    async def batches(self, targets: Offsets) -> AsyncIterator[Fetched]:
        """The same in batches of bounded size."""
        gathered: Fetched = {}
        count = size = 0
        async for fetched in self.pieces(targets):
            for tp, records in fetched.items():
                gathered.setdefault(tp, []).extend(records)
                count += len(records)
                size += sum(len(record.value or b"") for record in records)
            if count >= LARGEST_BATCH or size >= _LARGEST_BYTES:
                yield gathered
                gathered, count, size = {}, 0, 0
        if gathered:
            yield gathered

    async def portions(self, targets: Offsets, sources: Mapping[str, Source]) -> AsyncIterator[Portion]:
        """The same in portions. Partitions of equal number go together, for they hold equal keys."""
        for number in sorted({tp.partition for tp in targets}):
            of_number = {tp: target for tp, target in targets.items() if tp.partition == number}
            portion = Portion(self._reached(of_number), sources)
            async for fetched in self.pieces(of_number):
                for tp, records in fetched.items():
                    portion.add(tp, records)
                portion.ends = self._reached(of_number)
                if portion.is_full:
                    yield portion
                    portion = Portion(self._reached(of_number), sources)
            if portion.read:
                yield portion

    async def again(self, portion: Portion) -> AsyncIterator[Fetched]:
        """All records of a portion; then the reader is where it was."""
        reached = self._reached(portion.begins)
        self._go_to(portion.begins)
        async for fetched in self.batches(portion.ends):
            yield fetched
        self._go_to(reached)

    def _reached(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: self.reached[tp] for tp in partitions}

    def _go_to(self, places: Offsets) -> None:
        self.reached |= places
        for tp, offset in places.items():
            self._kafka.seek(tp, offset)

    async def _fetch(self, behind: Collection[TopicPartition]) -> Fetched:
        """Some records of these partitions. Raises NotReplayable where none comes for a minute."""
        self._kafka.resume(*behind)
        try:
            async with asyncio.timeout(_LONGEST_SILENCE):
                while True:
                    before = [await self._kafka.position(tp) for tp in behind]
                    fetched: Fetched = await self._kafka.getmany(
                        *behind, timeout_ms=_FETCH_MILLISECONDS, max_records=_AT_ONCE
                    )
                    if fetched or before != [await self._kafka.position(tp) for tp in behind]:
                        return fetched
        except TimeoutError:
            topics = ", ".join(sorted({tp.topic for tp in behind}))
            raise NotReplayable(f"{topics}: the broker sends nothing below the stored offsets") from None


def _below(records: list[ConsumerRecord], target: int) -> list[ConsumerRecord]:
    return records if records[-1].offset < target else [record for record in records if record.offset < target]
