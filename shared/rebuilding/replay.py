"""Replaying topics into the shadow, by the service's own handlers, up to exactly the offsets that are asked for.

Where much lies ahead, only the newest state of each key is decoded and handed on (`shared.rebuilding.newest`), one
portion a transaction: its effects and its next offsets are there together or not at all, so that a killed replay
begins the portion anew. What a newer state supersedes the guards of the tables would refuse. But a newer one that
cannot be taken in hides nothing: then the older ones of its key, or all of the portion, are handed on too.

What is little, such as what came since the last look, is handed on whole, as the consumer does it
(`shared.kafka.batch`): what cannot be taken in becomes a dead letter of the shadow. There is no group, for nobody
shares the work; and the next portion is read and decoded while the database works on the last.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, Self

from aiokafka.structs import ConsumerRecord, TopicPartition
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database
from shared.db.trouble import is_database_trouble
from shared.kafka import offsets
from shared.kafka.batch import Batch, BatchWriter
from shared.kafka.dead_letter import DeadLetter, Limits, bury
from shared.kafka.decoding import Source, decode
from shared.kafka.offsets import Offsets
from shared.kafka.subscription import Received, Subscription
from shared.rebuilding.newest import Portion
from shared.rebuilding.progress import Progress
from shared.rebuilding.reading import Fetched, NotReplayable, Reader
from shared.settings import ServiceSettings

FEW: Final = 5_000
"""Records that are handed on whole."""
_AT_ONCE: Final = 10_000
"""States of a portion that are handed on at once, and settled."""
_OBJECTS: Final = 5_000_000
"""New objects between two collections. A portion holds as many, which all live until it is written: to walk
through them again and again took as much time as reading them."""
_NO_LIMITS: Final = Limits(consecutive=2**31, of_last=2**31)
"""The consumer has judged already; here they are counted only."""

Settle = Callable[[AsyncSession], Awaitable[None]]
"""Does what the service's jobs would do next, in the session's transaction."""


class _Decoded(NamedTuple):
    """A portion, what of it is to be handed on, and what cannot be."""

    portion: Portion
    received: Sequence[Received[Any]]
    undecodable: Sequence[DeadLetter]


class Replay:
    """Reads the topics of one subscription into the shadow. Use it as an asynchronous context."""

    def __init__(
        self,
        subscription: Subscription,
        shadow: Database,
        *,
        settings: ServiceSettings,
        settle: Settle,
    ) -> None:
        namespace = settings.kafka_namespace
        self.group = namespace + subscription.group
        self._shadow = shadow
        self._handle = subscription.handle
        self._settle = settle
        self._sources = {
            namespace + topic.name: Source(topic, contract) for topic, contract in subscription.contracts.items()
        }
        self.partitions = [
            TopicPartition(namespace + topic.name, number)
            for topic in subscription.contracts
            for number in range(topic.partitions)
        ]
        self._writer = BatchWriter(shadow, group=self.group, handle=subscription.handle, limits=_NO_LIMITS)
        self._reader = Reader(self.partitions, settings.kafka_bootstrap_servers)

    async def __aenter__(self) -> Self:
        async with self._shadow.reading() as session:
            stored = await offsets.load(session, self.group, self.partitions)
        await self._reader.start(stored)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.stop()

    async def up_to(self, targets: Offsets) -> None:
        """Take in all records below these offsets, and none that is not. Raises NotReplayable."""
        self._refuse_past(targets)
        progress = Progress(f"replay of {self.group}")
        with _rare_collections():
            if self._reader.left(targets) > FEW:
                await self._take_newest(targets, progress)
            else:
                await self._take_all(self._reader.batches(targets))
        progress.end()

    def _refuse_past(self, targets: Offsets) -> None:
        for tp, target in targets.items():
            if self._reader.reached[tp] > target:
                raise NotReplayable(
                    f"{self.group} reads {tp.topic}[{tp.partition}] again and is at {target}, behind what was "
                    f"replayed ({self._reader.reached[tp]}): wait until it has caught up",
                )

    async def _take_newest(self, targets: Offsets, progress: Progress) -> None:
        last: tuple[Portion, asyncio.Task[bool]] | None = None
        try:
            async for portion in self._reader.portions(targets, self._sources):
                decoded = await self._decode(portion)
                if last:
                    await self._conclude(*last)
                progress.note(portion.read, self._reader.left(targets))
                last = portion, asyncio.create_task(self._write(decoded))
            if last:
                await self._conclude(*last)
        finally:
            if last and not last[1].done():
                last[1].cancel()
                await asyncio.gather(last[1], return_exceptions=True)

    async def _decode(self, portion: Portion) -> _Decoded:
        """The newest of each key; of a key whose newest cannot be decoded, all."""
        events, dead = await decode(portion.records, self._sources)
        hiding = {_key(letter.record) for letter in dead if portion.hides_others(letter.record)}
        if hiding:
            older = [
                record
                async for fetched in self._reader.again(portion)
                for record in _flat(fetched)
                if _key(record) in hiding
            ]
            events_of_these, dead_of_these = await decode(older, self._sources)
            events = events + events_of_these
            dead = [letter for letter in dead if _key(letter.record) not in hiding] + dead_of_these
        portion.forget()
        return _Decoded(portion, [event.received for event in events], dead)

    async def _write(self, decoded: _Decoded) -> bool:
        """One transaction. False: the handler refuses some record, and nothing was written."""
        received = decoded.received
        try:
            async with self._shadow.transaction() as session:
                await offsets.store(session, self.group, decoded.portion.ends)
                for place in range(0, len(received), _AT_ONCE):
                    await self._handle(session, received[place : place + _AT_ONCE])
                    await self._settle(session)
                await bury(session, self.group, decoded.undecodable)
        except Exception as error:
            if is_database_trouble(error):
                raise
            return False
        return True

    async def _conclude(self, portion: Portion, writing: asyncio.Task[bool]) -> None:
        """Wait until it is written. What was refused is looked for among all that the portion has."""
        if not await writing:
            await self._take_all(self._reader.again(portion))

    async def _take_all(self, batches: AsyncIterator[Fetched]) -> None:
        async for fetched in batches:
            await self._writer.write(Batch(fetched, *await decode(_flat(fetched), self._sources)))
            async with self._shadow.transaction() as session:
                await self._settle(session)


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


def _key(record: ConsumerRecord) -> tuple[str, bytes | None]:
    return record.topic, record.key
