"""How far a member has come in its partitions, as metrics."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from aiokafka.structs import TopicPartition

from shared.kafka.batch import Batch
from shared.kafka.offsets import Offsets
from shared.kafka.record import written_at
from shared.metrics import kafka as metrics

_REPORTING_PERIOD: Final = 1.0
"""Seconds: a report asks every partition, which after each small batch would cost as much as taking it in."""


class Progress:
    """Positions of the partitions held now, and the age of what was taken in last."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._next: dict[TopicPartition, int] = {}
        self._latest: dict[TopicPartition, datetime] = {}
        self._topics: set[str] = set()
        self._reported_at = 0.0
        self._batch_records = metrics.BATCH_RECORDS.labels(group)
        self._batch_seconds = metrics.BATCH_WRITE_SECONDS.labels(group)
        self._taken = metrics.RECORDS_TAKEN.labels(group)
        self._end_to_end = metrics.END_TO_END_SECONDS.labels(group)

    def begin(self, positions: Offsets) -> None:
        """These partitions are held from now on, and no others."""
        self._next = dict(positions)
        self._latest.clear()
        self._reported_at = 0.0
        self._topics |= {tp.topic for tp in positions}

    def note(self, batch: Batch, *, dead: Mapping[str, int], seconds: float) -> None:
        """A batch was committed just now; `dead` counts its dead letters by topic."""
        now = datetime.now(UTC)
        self._next |= batch.next_offsets
        self._latest |= {tp: written_at(records[-1]) for tp, records in batch.fetched.items()}
        self._batch_records.observe(batch.size)
        self._batch_seconds.observe(seconds)
        self._taken.inc(batch.size)
        for topic, count in dead.items():
            metrics.DEAD_LETTERS.labels(self._group, topic).inc(count)
        for event in batch.events:
            self._end_to_end.observe((now - event.received.cause.origin_time).total_seconds())

    def report(self, end_of: Callable[[TopicPartition], int | None]) -> None:
        """Set the lag of each topic, at most once a period; `end_of` says where a partition ends, if known."""
        if monotonic() - self._reported_at < _REPORTING_PERIOD:
            return
        self._reported_at = monotonic()
        now = datetime.now(UTC)
        records = dict.fromkeys(self._topics, 0)
        seconds = dict.fromkeys(self._topics, 0.0)
        for tp, position in self._next.items():
            behind = (end_of(tp) or 0) - position
            if behind > 0:
                records[tp.topic] += behind
                if tp in self._latest:
                    age = (now - self._latest[tp]).total_seconds()
                    seconds[tp.topic] = max(seconds[tp.topic], age)
        for topic in self._topics:
            metrics.LAG_RECORDS.labels(self._group, topic).set(records[topic])
            metrics.LAG_SECONDS.labels(self._group, topic).set(seconds[topic])
