"""All topics of the installation in one typed list, and their creation.

Every topic carries states (`shared.events`): it is keyed by the aggregate's id and compacted, so that any read
model can be rebuilt from it. The number of partitions never changes: more partitions are a new topic, a
republication and a switch, because a key must not move while its older states are unread.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

PARTITIONS: Final = 12
MAX_RECORD_BYTES: Final = 1_000_000
"""Largest payload of an event; refused when the outbox row is written, so that no row blocks the relay."""

_LONGEST_ELECTION: Final = 30.0
_LOOK_AGAIN: Final = 0.02


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic. `key` says in words what its records are keyed by."""

    name: str
    key: str
    partitions: int = PARTITIONS
    min_compaction_lag: timedelta = timedelta(days=1)
    """Every state is readable at least this long, so that the tail can be checked (docs/decisions)."""
    max_compaction_lag: timedelta = timedelta(days=7)
    """An older state of a key is gone after this long: the bound of an erasure."""
    segment: timedelta = timedelta(days=1)
    """A segment closes after this long: only closed segments are compacted."""

    def config(self, *, replication: int) -> dict[str, str]:
        """The topic's settings as the broker takes them."""
        return {
            "cleanup.policy": "compact",
            "retention.ms": "-1",
            "segment.ms": _milliseconds(self.segment),
            "segment.bytes": str(64 * 1024 * 1024),
            # Room for key, headers and framing around the largest payload.
            "max.message.bytes": str(MAX_RECORD_BYTES + 64 * 1024),
            "min.insync.replicas": str(max(1, replication - 1)),
            "min.compaction.lag.ms": _milliseconds(self.min_compaction_lag),
            "max.compaction.lag.ms": _milliseconds(self.max_compaction_lag),
        }


EMPLOYEES: Final = Topic("profile.employees", key="employee_id")
RESULTS: Final = Topic("assessment.results", key="employee_id")
TALENTS: Final = Topic("placement.talents", key="employee_id")
STANDINGS: Final = Topic("reporting.standings", key="region_code")

ALL: Final[tuple[Topic, ...]] = (EMPLOYEES, RESULTS, TALENTS, STANDINGS)


class TopicDiffers(Exception):
    """A topic exists with another number of partitions; Talenta never changes that of a topic in use."""


async def create_topics(
    bootstrap: str,
    namespace: str = "",
    *,
    replication: int = 1,
    topics: Sequence[Topic] = ALL,
) -> None:
    """Create what is missing. Running it again, or twice at once, changes nothing.

    Raises TopicDiffers where an existing topic has another number of partitions.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        existing = await _partition_counts(admin)
        _refuse_differing(existing, topics, namespace)
        missing = [topic for topic in topics if namespace + topic.name not in existing]
        if missing:
            await _create(admin, missing, namespace, replication)
            await _until_led(admin, {namespace + topic.name for topic in missing})
    finally:
        await admin.close()


async def _partition_counts(admin: AIOKafkaAdminClient) -> dict[str, int]:
    described = await admin.describe_topics()
    return {topic["topic"]: len(topic["partitions"]) for topic in described}


def _refuse_differing(existing: dict[str, int], topics: Sequence[Topic], namespace: str) -> None:
    for topic in topics:
        name = namespace + topic.name
        count = existing.get(name, topic.partitions)
        if count != topic.partitions:
            raise TopicDiffers(
                f"Topic {name} has {count} partitions, but Talenta needs {topic.partitions}. "
                "Partitions of a topic in use are never changed, for a key would move while its older states are "
                "unread: delete the topic, or choose another namespace (KAFKA_NAMESPACE).",
            )


async def _create(
    admin: AIOKafkaAdminClient,
    topics: Sequence[Topic],
    namespace: str,
    replication: int,
) -> None:
    wanted = [
        NewTopic(
            namespace + topic.name,
            topic.partitions,
            replication,
            topic_configs=topic.config(replication=replication),
        )
        for topic in topics
    ]
    answer = await admin.create_topics(wanted)
    for name, code, message in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise for_code(code)(f"Could not create topic {name}: {message}")


async def _until_led(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    """Wait until every partition has its leader: brokers answer before all of them know the topic."""
    async with asyncio.timeout(_LONGEST_ELECTION):
        while True:
            described = await admin.describe_topics()
            led = {
                topic["topic"]
                for topic in described
                if topic["partitions"] and all(partition["leader"] >= 0 for partition in topic["partitions"])
            }
            if names <= led:
                return
            await asyncio.sleep(_LOOK_AGAIN)


def _milliseconds(duration: timedelta) -> str:
    return str(duration // timedelta(milliseconds=1))
