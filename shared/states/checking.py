"""The checker of the own topic: the last record of a key is the newest, or it is made so.

Guards protect tables, not topics. A relay that was stopped in the midst of sending and wakes up hours later may
put an old state behind a newer one, and compaction would keep the old one. So every few minutes what is new in the
topic is compared with the tables, and where an older state stands last, the newest is published again.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import structlog
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from shared.db.session import Database
from shared.events.envelope import Cause
from shared.kafka.heartbeat import Heartbeat, heartbeat_key, is_heartbeat
from shared.kafka.reading import TopicReader, reading
from shared.kafka.record import headers_of, number_in
from shared.metrics import checking as metrics
from shared.outbox.append import Outgoing, append
from shared.outbox.pacing import NoTurn, Pace
from shared.settings import ServiceSettings
from shared.states import places, queries
from shared.states.places import Place
from shared.states.published import PublishedStates
from shared.states.republishing import PAGE
from shared.states.tail import Tail
from shared.worker import Job

_log: Final = structlog.get_logger(__name__)

EVERY: Final = timedelta(minutes=3)
_AT_ONCE: Final = 200
"""Records compared before other tasks get their turn: a few milliseconds."""
_LONGEST_STEP: Final = 10.0
"""Seconds after which a long check lets its job say that it goes on."""


def check_topic(settings: ServiceSettings, database: Database, published: PublishedStates) -> Job:
    """The checker as a job of every worker. Replicas find by the stored places that another was here lately."""
    return Job("check-topic", TopicChecker(settings, database, published).check, every=EVERY.total_seconds())


class TopicChecker:
    """Compares the topic of one service with its tables, from where it was checked last to its end."""

    def __init__(self, settings: ServiceSettings, database: Database, published: PublishedStates) -> None:
        self._settings = settings
        self._database = database
        self._published = published
        self._tail: Tail | None = None
        """The check under way. Lost with the process: then it begins again where the last whole one ended."""
        self._checked_at = monotonic()
        metrics.BEHIND_SECONDS.set_function(lambda: monotonic() - self._checked_at)

    async def check(self) -> bool:
        """Check what is new, or go on with it. True: there is more than one step takes."""
        if self._tail is None and not await self._is_due():
            return False
        settings, topic = self._settings, self._published.topic
        try:
            async with reading(settings.kafka_bootstrap_servers, settings.kafka_namespace, topic) as reader:
                self._tail = self._tail or await self._begin(reader)
                return not await self._step(reader, self._tail)
        except (KafkaError, OSError) as error:
            _log.warning("topic_not_checked", topic=topic.name, reason=type(error).__name__)
            return False

    async def _is_due(self) -> bool:
        known, now = await self._look_up()
        self._tell_behind(known, now)
        return not known or any(now - place.checked_at > EVERY / 2 for place in known.values())

    async def _look_up(self) -> tuple[Mapping[int, Place], datetime]:
        async with self._database.reading() as session:
            known = await places.load(session, self._published.topic.name)
            return known, await places.database_time(session)

    def _tell_behind(self, known: Mapping[int, Place], now: datetime) -> None:
        if not known:
            return
        behind = now - min(place.checked_at for place in known.values())
        self._checked_at = monotonic() - behind.total_seconds()
        if behind > self._published.topic.min_compaction_lag / 2:
            _log.error("topic_check_behind", topic=self._published.topic.name, behind=str(behind))

    async def _begin(self, reader: TopicReader) -> Tail:
        known, now = await self._look_up()
        return Tail.since(known, now, await reader.beginnings(), await reader.ends())

    async def _step(self, reader: TopicReader, tail: Tail) -> bool:
        """Returns whether the check has come to its end."""
        if not (await self._compare(reader, tail) and await self._mend(reader, tail)):
            return False
        await self._conclude(tail)
        self._tail = None
        return True

    async def _compare(self, reader: TopicReader, tail: Tail) -> bool:
        """Find keys whose last record is older than the table. Returns whether the end was reached."""
        until = monotonic() + _LONGEST_STEP
        async with aclosing(reader.read(tail.reached, tail.end, most=_AT_ONCE)) as chunks:
            async for records, reached in chunks:
                began = monotonic()
                last = dict(self._versions(records))
                async with self._database.reading() as session:
                    held = await queries.versions(session, self._published, last)
                tail.note(records, last, held)
                tail.reached = reached
                if monotonic() > until:
                    return tail.is_whole
                # Half of the time at most: what is fresh goes before.
                await asyncio.sleep(monotonic() - began)
        return True

    async def _mend(self, reader: TopicReader, tail: Tail) -> bool:
        """Publish those again of which the topic has nothing newer, although the outbox has nothing more of them.

        What had left the outbox before this question lies before the end that is asked for after it. Returns
        whether that end was reached, and nothing had to give way to what changes or to wait for the next step.
        """
        settled = await self._settled(tail.lagging)
        if settled and not await self._read_on(reader, tail):
            return False
        wrong = [key for key, version in settled.items() if tail.lagging[key] < version]
        pace, until = Pace.of(self._settings, self._database), monotonic() + _LONGEST_STEP
        try:
            for first in range(0, len(wrong), PAGE):
                page = wrong[first : first + PAGE]
                async with pace.turn(len(page)):
                    await self._publish({key: settled[key] for key in page})
                if monotonic() > until:
                    return False
        except NoTurn:
            return False
        finally:
            await pace.close()
        return True

    async def _read_on(self, reader: TopicReader, tail: Tail) -> bool:
        until, end = monotonic() + _LONGEST_STEP, await reader.ends()
        async with aclosing(reader.read(tail.ahead or tail.reached, end, most=_AT_ONCE)) as chunks:
            async for records, ahead in chunks:
                # Those as well that are not settled yet: the next step goes on from here.
                tail.lagging |= {key: version for key, version in self._versions(records) if key in tail.lagging}
                tail.ahead = ahead
                # Where the broker is away, nothing comes, and the job must say that it is alive.
                if monotonic() > until:
                    return all(ahead[tp] >= offset for tp, offset in end.items())
        return True

    async def _settled(self, lagging: Iterable[str]) -> dict[str, int]:
        keys, found = list(lagging), dict[str, int]()
        for first in range(0, len(keys), PAGE):
            async with self._database.reading() as session:
                found |= await queries.settled(session, self._published, keys[first : first + PAGE])
        return found

    async def _publish(self, wanted: Mapping[str, int]) -> None:
        """Publish these keys again, but for those that have moved on: a newer state is on its way."""
        async with self._database.transaction() as session:
            locked = await queries.lock(session, self._published, list(wanted), skip_locked=True)
            same = [key for key, version in locked.items() if version == wanted[key]]
            states = await self._published.read(session, same)
            await append(session, self._published.topic, states)
        metrics.REPUBLISHED.inc(len(states))
        # They stood behind older ones.
        _log.error("states_republished", topic=self._published.topic.name, states=len(states))

    def _versions(self, records: Sequence[ConsumerRecord]) -> Iterable[tuple[str, int]]:
        """Key and version of each state among the records."""
        for record in records:
            key, version = self._published.key_in(record.key), number_in(headers_of(record), "ce_sequence")
            if key is not None and version is not None and not is_heartbeat(record):
                yield key, version

    async def _conclude(self, tail: Tail) -> None:
        topic, checked = self._published.topic, tail.places()
        quiet = {heartbeat_key(number, topic.partitions) for number in tail.quiet(topic.segment)}
        async with self._database.transaction() as session:
            beating = sorted(quiet - await queries.pending(session, self._published, quiet))
            beats = [Heartbeat(version=int(tail.began_at.timestamp()), heartbeat=key) for key in beating]
            await append(session, topic, [Outgoing(beat, Cause(tail.began_at)) for beat in beats])
            await places.store(session, topic.name, checked)
        self._tell_behind(checked, tail.began_at)
