"""Whether a shadow that was left may be gone on with: only while its topics are those that it was read from.

A topic that was made anew has other records at the same offsets. Either it ends before what was read, or what lies
there was written after it had been read: records bear the time at which they were sent.
"""

from datetime import datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from shared.kafka.offsets import Offsets
from shared.rebuilding.redirection import SCHEMA

_REACHED: Final = f"SELECT topic, partition, max(next_offset) FROM {SCHEMA}.consumer_offset GROUP BY 1, 2"


async def are_as_they_were(driver: Any, bootstrap_servers: str, read_at: datetime) -> bool:
    """Whether the shadow's offsets, none of which was stored for a record of after `read_at`, still lead on."""
    reached = {
        TopicPartition(topic, partition): offset for topic, partition, offset in await driver.fetch(_REACHED)
    }
    if not reached:
        return True
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap_servers) as consumer:
        first, end = await consumer.beginning_offsets(reached), await consumer.end_offsets(reached)
        later = await _later(consumer, reached, read_at)
    return all(first[tp] <= offset <= min(end[tp], later[tp]) for tp, offset in reached.items())


async def _later(consumer: AIOKafkaConsumer, reached: Offsets, read_at: datetime) -> Offsets:
    """Of each partition the first record that was sent after this; where there is none, what was reached."""
    after = int(read_at.timestamp() * 1000) + 1
    found = await consumer.offsets_for_times(dict.fromkeys(reached, after))
    return {tp: found[tp].offset if found.get(tp) else offset for tp, offset in reached.items()}
