"""Replaying topics into the shadow, by the service's own handlers, up to exactly the offsets that are asked for.

It is the consumer's own form of a batch (`shared.kafka.batch`): effects and next offsets commit together, and what
cannot be taken in becomes a dead letter of the shadow. There is no group, for nobody shares the work; a batch is
large, for nobody waits for it; and the next one is read and decoded while the database works on the last.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.db.session import Database
from shared.kafka import offsets
from shared.kafka.batch import Batch, BatchWriter
from shared.kafka.dead_letter import Limits
from shared.kafka.decoding import Source, decode
from shared.kafka.offsets import Offsets
from shared.kafka.subscription import Subscription
from shared.kafka.topics import MAX_RECORD_BYTES
from shared.rebuilding.progress import Progress
from shared.settings import ServiceSettings

LARGEST_BATCH: Final = 5_000
"""Records of one transaction, and the bound of memory: two of these, and what the client has fetched ahead."""
_LARGEST_BYTES: Final = 32 * 1024 * 1024
_OBJECTS: Final = 200_000
"""New objects between two collections. A batch holds as many, which all live until it is written: to walk through
them again and again took more time than all the rest of a replay."""
_NO_LIMITS: Final = Limits(consecutive=2**31, of_last=2**31)
"""The consumer has judged already; here they are counted only."""
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


class Replay:
    """Reads the topics of one subscription into the shadow. Use it as an asynchronous context."""

    def __init__(
        self,
        subscription: Subscription,
        shadow: Database,
        *,
        settings: ServiceSettings,
        after_batch: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        namespace = settings.kafka_namespace
        self.group = namespace + subscription.group
        self._shadow = shadow
        self._after_batch = after_batch
        self._sources = {
            namespace + topic.name: Source(topic, contract) for topic, contract in subscription.contracts.items()
        }
        self.partitions = [
            TopicPartition(namespace + topic.name, number)
            for topic in subscription.contracts
            for number in range(topic.partitions)
        ]
        self._writer = BatchWriter(shadow, group=self.group, handle=subscription.handle, limits=_NO_LIMITS)
        self._kafka = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, **_CONSUMER)
        self._reached: dict[TopicPartition, int] = {}

    async def __aenter__(self) -> Self:
        await self._kafka.start()
        self._kafka.assign(self.partitions)
        first = await self._kafka.beginning_offsets(self.partitions)
        async with self._shadow.reading() as session:
            stored = await offsets.load(session, self.group, self.partitions)
        # Only a topic that was emptied begins behind what was read of it.
        self._reached = {tp: max(first[tp], stored.get(tp, 0)) for tp in self.partitions}
        for tp, offset in self._reached.items():
            self._kafka.seek(tp, offset)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._kafka.stop()

    async def ends(self) -> Offsets:
        """Where the topics end now."""
        ends: Offsets = await self._kafka.end_offsets(self.partitions)
        return ends

    async def up_to(self, targets: Offsets) -> None:
        """Take in all records below these offsets, and none that is not. Raises NotReplayable."""
        self._refuse_past(targets)
        behind = {tp for tp, target in targets.items() if self._reached[tp] < target}
        progress = Progress(f"replay of {self.group}")
        writing: asyncio.Task[None] | None = None
        try:
            with _rare_collections():
                async for fetched in self._batches(behind, targets):
                    batch = Batch(fetched, *await decode(_flat(fetched), self._sources))
                    if writing:
                        await writing
                    left = sum(max(targets[tp] - self._reached[tp], 0) for tp in targets)
                    writing = asyncio.create_task(self._write(batch, progress, left))
                if writing:
                    await writing
        finally:
            if writing and not writing.done():
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
        progress.end()

    def _refuse_past(self, targets: Offsets) -> None:
        for tp, target in targets.items():
            if self._reached[tp] > target:
                raise NotReplayable(
                    f"{self.group} reads {tp.topic}[{tp.partition}] again and is at {target}, behind what was "
                    f"replayed ({self._reached[tp]}): wait until it has caught up",
                )

    async def _write(self, batch: Batch, progress: Progress, left: int) -> None:
        await self._writer.write(batch)
        if self._after_batch:
            await self._after_batch()
        progress.note(batch.size, left)

    async def _batches(self, behind: set[TopicPartition], targets: Offsets) -> AsyncIterator[Fetched]:
        """All that lies below the targets, in batches of bounded size."""
        gathered: Fetched = {}
        while behind:
            fetched = await self._fetch(behind)
            for tp, records in fetched.items():
                wanted = [record for record in records if record.offset < targets[tp]]
                if wanted:
                    gathered.setdefault(tp, []).extend(wanted)
            for tp in list(behind):
                # The position moves on past what compaction has taken.
                position = await self._kafka.position(tp)
                self._reached[tp] = min(position, targets[tp])
                if position >= targets[tp]:
                    behind.discard(tp)
                    self._kafka.seek(tp, targets[tp])
            if gathered and (not behind or _is_large(gathered)):
                yield gathered
                gathered = {}

    async def _fetch(self, behind: Collection[TopicPartition]) -> Fetched:
        """Some records of these partitions. Raises NotReplayable where none comes for a minute."""
        try:
            async with asyncio.timeout(_LONGEST_SILENCE):
                while True:
                    before = [await self._kafka.position(tp) for tp in behind]
                    fetched: Fetched = await self._kafka.getmany(
                        *behind, timeout_ms=_FETCH_MILLISECONDS, max_records=LARGEST_BATCH
                    )
                    if fetched or before != [await self._kafka.position(tp) for tp in behind]:
                        return fetched
        except TimeoutError:
            raise NotReplayable(f"{self.group}: the broker sends nothing below the stored offsets") from None


@contextmanager
def _rare_collections() -> Iterator[None]:
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _flat(fetched: Fetched) -> list[ConsumerRecord]:
    return [record for records in fetched.values() for record in records]


def _is_large(fetched: Fetched) -> bool:
    count = sum(map(len, fetched.values()))
    return count >= LARGEST_BATCH or sum(len(record.value or b"") for record in _flat(fetched)) >= _LARGEST_BYTES
