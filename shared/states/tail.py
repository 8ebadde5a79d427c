"""The new end of a topic, as far as it has been compared with the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

from aiokafka.structs import ConsumerRecord

from shared.kafka.heartbeat import is_heartbeat
from shared.kafka.reading import Places
from shared.kafka.record import written_at
from shared.metrics import checking as metrics
from shared.states.places import Place

MOST_LAGGING: Final = 100_000
"""Keys whose last record so far is an older one, that a check remembers: what bounds its memory."""


@dataclass
class Tail:
    """What came in before `began_at` and has not been checked: from `reached` to `end`."""

    began_at: datetime
    end: Places
    reached: Places
    known: Mapping[int, Place]
    newest_at: dict[int, datetime | None]
    """By partition: when its last record was written; None where that is no state."""
    lagging: dict[str, int] = field(default_factory=dict)
    """Keys of which the topic so far shows an older version last than the table has: that version."""
    ahead: Places | None = None
    """How far behind `end` it was read for these keys alone: the next check compares what lies there."""
    forgotten_from: Places | None = None
    """From where on more keys lagged than are remembered: the next check begins there."""

    @classmethod
    def since(cls, known: Mapping[int, Place], now: datetime, beginning: Places, end: Places) -> Self:
        """From where was checked last, or the first record that is still there."""
        reached = dict(beginning)
        for tp, first in beginning.items():
            place = known.get(tp.partition)
            # Where the last check came farther than the topic reaches, the topic has been made anew.
            if place is not None and place.next_offset <= end[tp]:
                reached[tp] = max(place.next_offset, first)
        return cls(now, end, reached, known, {number: place.newest_at for number, place in known.items()})

    @property
    def is_whole(self) -> bool:
        """Whether the end was reached."""
        return all(self.reached[tp] >= offset for tp, offset in self.end.items())

    def note(self, records: Sequence[ConsumerRecord], last: Mapping[str, int], held: Mapping[str, int]) -> None:
        """Records of a partition in their order, the last version of each key in them, and that of the table."""
        for record in records:
            self.newest_at[record.partition] = None if is_heartbeat(record) else written_at(record)
        for key, version in last.items():
            if version >= held.get(key, 0):
                self.lagging.pop(key, None)
            elif key in self.lagging or len(self.lagging) < MOST_LAGGING:
                self.lagging[key] = version
            else:
                # Still where this chunk began: `reached` moves on after it was noted.
                self.forgotten_from = self.forgotten_from or self.reached
        metrics.CHECKED.inc(len(records))
        metrics.AHEAD.inc(sum(version > held.get(key, 0) for key, version in last.items()))

    def places(self) -> dict[int, Place]:
        """What to store: where the next check of each partition begins."""
        return {
            tp.partition: Place(offset, self._checked_at(tp.partition), self.newest_at.get(tp.partition))
            for tp, offset in (self.forgotten_from or self.reached).items()
        }

    def _checked_at(self, partition: int) -> datetime:
        known = self.known.get(partition)
        return known.checked_at if self.forgotten_from and known else self.began_at

    def quiet(self, longer_than: timedelta) -> list[int]:
        """Partitions whose last record is a state, older than this."""
        return [
            number
            for number, newest_at in self.newest_at.items()
            if newest_at is not None and self.began_at - newest_at >= longer_than
        ]
