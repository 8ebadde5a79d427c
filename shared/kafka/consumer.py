"""The batch consumer: writes what is there in one transaction, and never what is no longer its own.

Why a loop of our own stands in docs/decisions: it stores offsets with the data, halves a batch to find the one bad
record, and keeps its partitions while the database is away.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from time import monotonic
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.db.kept import KeptConnection
from shared.db.session import Database
from shared.db.trouble import is_database_trouble, pause_before
from shared.kafka import offsets, settings
from shared.kafka.assignment import Assignment
from shared.kafka.batch import Batch, BatchWriter
from shared.kafka.dead_letter import Limits, TooManyDeadLetters
from shared.kafka.decoding import Source, decode
from shared.kafka.progress import Progress
from shared.kafka.subscription import Subscription
from shared.metrics import kafka as metrics
from shared.waiting import set_within

_log: Final = structlog.get_logger(__name__)

Fetched = Mapping[TopicPartition, Sequence[ConsumerRecord]]

_FETCH_MILLISECONDS: Final = 500
_LONGEST_FETCH: Final = 2.0
"""A fetch waits for the end of a rebalance without a bound of its own."""
_GLIMPSE: Final = 0.05
"""Seconds of a fetch that is only to learn of errors of the group."""
_TELLING_PERIOD: Final = 0.1
"""Bulk is paced by what Kafka was told (`shared.outbox.pacing`): what is told late counts as not taken in."""
_TELLING_AGAIN: Final = 2.0
"""Seconds after telling failed."""
_LONGEST_TELLING: Final = 2.0
_LONGEST_LEAVING: Final = 3.0
_MOST_KAFKA_TROUBLES: Final = 20
"""In a row; beyond it a new client has better chances than this one."""


class BatchConsumer:
    """One member of one consumer group."""

    def __init__(
        self,
        subscription: Subscription,
        database: Database,
        *,
        bootstrap_servers: str,
        namespace: str = "",
        batch_records: int = 500,
        limits: Limits | None = None,
    ) -> None:
        self.group = namespace + subscription.group
        self.last_loop_at = monotonic()
        self._database = database
        self._sources = {
            namespace + topic.name: Source(topic, contract) for topic, contract in subscription.contracts.items()
        }
        self._batch_records = batch_records
        self._bootstrap_servers = bootstrap_servers
        self._kept = KeptConnection(database)
        self._writer = BatchWriter(
            self._kept,
            group=self.group,
            handle=subscription.handle,
            limits=limits or Limits(),
        )
        self._progress = Progress(self.group)
        self._assignment = Assignment(before_leaving=self._tell_kafka)
        self._stopping = asyncio.Event()
        self._untold: dict[TopicPartition, int] = {}
        self._tell_at = monotonic()
        self._kafka: AIOKafkaConsumer = None
        self._joined = False

    @property
    def name(self) -> str:
        return f"consumer {self.group}"

    @property
    def ready(self) -> bool:
        """Whether the group has given this member its partitions, be they none."""
        return self._assignment.began

    def stop(self) -> None:
        """Let `run` return once the batch in flight is committed."""
        self._stopping.set()
        self._assignment.end()

    async def run(self) -> None:
        """Consume until `stop`.

        Raises TooManyDeadLetters, or any other error that is trouble neither of the database nor of the broker:
        both are waited for. What was not committed is read again by whoever gets the partitions next.
        """
        metrics.STOPPED.labels(self.group).set(0)
        try:
            while not self._stopping.is_set():
                await self._past_kafka_trouble()
            await self._tell_kafka()
        except TooManyDeadLetters:
            metrics.STOPPED.labels(self.group).set(1)
            raise
        finally:
            await self._kept.release()
            await self._leave()

    async def _past_kafka_trouble(self) -> None:
        """Do one turn, again and again while the broker fails it; every so often with a new client."""
        for attempt in count():
            self.last_loop_at = monotonic()
            try:
                if not self._joined or (attempt and attempt % _MOST_KAFKA_TROUBLES == 0):
                    await self._join()
                await self._turn()
            except KafkaError as error:
                metrics.KAFKA_TROUBLES.labels(self.group).inc()
                _log.warning("kafka_trouble", loop=self.name, reason=type(error).__name__)
            else:
                break
            if await set_within(self._stopping, pause_before(attempt)):
                break

    async def _join(self) -> None:
        self._joined = False
        await self._leave()
        # Nobody else says so of a client that is thrown away.
        self._assignment.lose()
        self._kafka = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap_servers,
            group_id=self.group,
            **settings.CONSUMER,
        )
        await self._kafka.start()
        # From here on: aiokafka has one bound for all that it asks.
        self._kafka._client._request_timeout_ms = settings.LONGEST_JOINING_MILLISECONDS  # noqa: SLF001
        # aiokafka has a setting for it, but its consumer hands none on.
        self._kafka._fetcher._prefetch_backoff = settings.FETCH_AGAIN_SECONDS  # noqa: SLF001
        # After the start, which would otherwise wait for the group without a bound.
        self._kafka.subscribe(list(self._sources), listener=self._assignment)
        self._joined = True

    async def _leave(self) -> None:
        """Leave the group, so that the others need not wait until this member is thought dead."""
        if self._kafka is not None:
            try:
                async with asyncio.timeout(_LONGEST_LEAVING):
                    await self._kafka.stop()
            except (KafkaError, TimeoutError):
                _log.warning("left_without_notice", loop=self.name)

    async def _turn(self) -> None:
        if not self._assignment.placed and await self._assignment.given_within(_LONGEST_FETCH):
            await self._patiently(self._place)
        fetched = await self._fetch(_LONGEST_FETCH if self._assignment.placed else _GLIMPSE)
        epoch = self._assignment.epoch  # read after: the fetch may span a rebalance
        if fetched:
            async with self._assignment.busy:
                await self._take(fetched, epoch)
        if self._untold and monotonic() >= self._tell_at:
            async with self._assignment.busy:
                await self._tell_kafka()
        self._progress.report(self._end_of)

    async def _fetch(self, longest: float) -> Fetched:
        # Never hold `busy` here: a fetch waits for the rebalance that waits for `busy`.
        try:
            async with asyncio.timeout(longest):
                fetched: Fetched = await self._kafka.getmany(
                    timeout_ms=_TELLING_PERIOD * 1000 if self._untold else _FETCH_MILLISECONDS,
                    max_records=self._batch_records,
                )
        except TimeoutError:
            return {}
        except KafkaError:
            # What was already taken out for other partitions is gone, and their positions have moved on.
            self._assignment.displace()
            raise
        return fetched

    async def _take(self, fetched: Fetched, epoch: int) -> None:
        began = monotonic()
        records = [record for of_partition in fetched.values() for record in of_partition]
        events, undecodable = await decode(records, self._sources)
        batch = Batch(fetched, events, undecodable)

        async def write() -> None:
            dead = await self._writer.write(batch)
            self._untold |= batch.next_offsets
            buried = Counter(letter.record.topic for letter in dead)
            self._progress.note(batch, dead=buried, seconds=monotonic() - began)

        if not self._assignment.holds(epoch) or not await self._patiently(write):
            metrics.BATCHES_DISCARDED.labels(self.group).inc()

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> bool:
        """Do the step, again while the database is in trouble. False: given up, for the partitions are gone."""
        for attempt in count():
            self.last_loop_at = monotonic()
            try:
                await step()
            except Exception as error:
                # The broker's troubles may come from a time-out too.
                if isinstance(error, KafkaError) or not is_database_trouble(error):
                    raise
                metrics.DATABASE_TROUBLES.labels(self.group).inc()
                _log.warning("database_trouble", loop=self.name, reason=type(error).__name__)
                if self._assignment.placed:
                    self._progress.report(self._end_of)
            else:
                return True
            if await self._assignment.disturbed_within(pause_before(attempt)):
                break
        return False

    async def _place(self) -> None:
        """Put each partition where its stored offset says; where none is stored, at its beginning.

        An offset outside the log is of a topic that was made anew or lost its tail: it is forgotten, for what
        follows must be read, not skipped. Kafka is told the places: who had them before may not have come to it.
        """
        epoch, partitions = self._assignment.epoch, self._assignment.partitions
        first = await self._kafka.beginning_offsets(partitions)
        end = await self._kafka.end_offsets(partitions)
        # What was held before has got no further since: without the database, that is all there is to tell.
        self._progress.report(end.get)
        async with self._database.transaction() as session:
            stored = await offsets.load(session, self.group, partitions)
            right = {tp: offset for tp, offset in stored.items() if first[tp] <= offset <= end[tp]}
            wrong = {tp: offset for tp, offset in stored.items() if tp not in right}
            await offsets.forget(session, self.group, wrong)
        for tp in wrong:
            _log.warning("offset_outside_log", loop=self.name, topic=tp.topic, partition=tp.partition)
            metrics.OFFSETS_FORGOTTEN.labels(self.group, tp.topic).inc()
        if epoch == self._assignment.epoch:
            positions = {**first, **right}
            for tp, offset in positions.items():
                self._kafka.seek(tp, offset)
            self._untold = positions
            self._progress.begin(positions)
            self._assignment.place(epoch)
            metrics.REBALANCES.labels(self.group).inc()

    async def _tell_kafka(self) -> None:
        """Commit to Kafka what the database has; it is for Kafka's tools, so that a failure does no harm."""
        untold, self._untold = self._untold, {}
        self._tell_at = monotonic() + _TELLING_PERIOD
        if untold:
            try:
                async with asyncio.timeout(_LONGEST_TELLING):
                    await self._kafka.commit(untold)
            except (KafkaError, TimeoutError) as error:
                metrics.KAFKA_TROUBLES.labels(self.group).inc()
                _log.info("offsets_not_told", loop=self.name, reason=type(error).__name__)
                # Where the partitions are gone, whoever has them now tells.
                if self._assignment.placed:
                    self._untold = untold | self._untold
                    self._tell_at = monotonic() + _TELLING_AGAIN

    def _end_of(self, tp: TopicPartition) -> int | None:
        if tp not in self._assignment.partitions:
            return None
        end: int | None = self._kafka.highwater(tp)
        return end
