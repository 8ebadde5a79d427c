"""Records without a state, which let a quiet partition close its segment: only closed segments are compacted.

Kafka closes a segment when a record comes that is younger by `Topic.segment`. Where none comes, older states would
stay for ever, erased people among them. Consumers skip these records.
"""

from functools import cache
from itertools import count
from typing import ClassVar, Final

from aiokafka.partitioner import murmur2
from aiokafka.structs import ConsumerRecord

from shared.events.contract import State

PREFIX: Final = "heartbeat-"
"""How their keys begin; no key of a state does."""
_PREFIX: Final = PREFIX.encode()


class Heartbeat(State):
    """A record without a state, under the one key of its partition. `version` is a time in seconds."""

    CONTRACT: ClassVar[int] = 1
    heartbeat: str

    @property
    def key(self) -> str:
        return self.heartbeat


def is_heartbeat(record: ConsumerRecord) -> bool:
    """Whether the record carries no state of its topic."""
    return record.key is not None and record.key.startswith(_PREFIX)


@cache
def heartbeat_key(partition: int, partitions: int) -> str:
    """The first key of a heartbeat that every Kafka client sends to this partition of so many."""
    keys = (f"{PREFIX}{number}" for number in count())
    return next(key for key in keys if (murmur2(key.encode()) & 0x7FFFFFFF) % partitions == partition)
