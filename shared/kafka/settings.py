"""All settings of the Kafka clients that differ from aiokafka's own, with the reason beside each."""

from functools import partial
from typing import Any, Final

from aiokafka.codec import lz4_encode
from aiokafka.consumer import fetcher
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.record._crecords import default_records

from shared.kafka.header_names import AnyNames
from shared.kafka.topics import MAX_RECORD_BYTES

COMPRESSION: Final = "lz4"
# aiokafka has no setting for the level; its own needs six to ten times as long, for 9 to 15 % fewer bytes.
default_records.lz4_encode = partial(lz4_encode, level=1)
# Nor has it one for headers of other clients, whose names may be any bytes.
fetcher.MemoryRecords = AnyNames

LONGEST_BATCH_SECONDS: Final = 60
"""What the database allows a worker's transaction (`shared.db.engine`)."""

PRODUCER: Final[dict[str, Any]] = {
    # Retries inside the client neither repeat nor reorder records.
    "enable_idempotence": True,
    "acks": "all",
    "compression_type": COMPRESSION,
    # Send what is there: records that arrive while a request is under way share the next one anyway.
    "linger_ms": 0,
    "max_batch_size": 256 * 1024,
    "max_request_size": MAX_RECORD_BYTES + 64 * 1024,
    # After so long the producer asks again, through a new connection. It never gives up; the relay does at last.
    "request_timeout_ms": 10_000,
    "retry_backoff_ms": 50,
}

LONGEST_JOINING_MILLISECONDS: Final = 40_000
"""An answer of the group may take: a member that asks to join it waits for the batches of the others."""

FETCH_AGAIN_SECONDS: Final = 3_600.0
"""After so long a fetch begins although records are still buffered: never, as it were.

Such a fetch leaves out the partitions of these records: what comes to them meanwhile has to wait for its end.
"""

CONSUMER: Final[dict[str, Any]] = {
    # Offsets belong to the data: they are stored with it, and told to Kafka afterwards.
    "enable_auto_commit": False,
    # A place that the log does not have is an error: the loop then places itself anew, by the database
    # (docs/decisions/0005). aiokafka would go elsewhere in silence, below what is stored.
    "auto_offset_reset": "none",
    # Equal keys of several topics meet at one member; StickyPartitionAssignor stalls groups (aiokafka #1176).
    "partition_assignment_strategy": (RangePartitionAssignor,),
    # A rebalance waits for the batch in flight; aiokafka's own value is the session timeout.
    "rebalance_timeout_ms": (LONGEST_BATCH_SECONDS + 30) * 1000,
    # The loop may be busy decoding for a while without the member being thought dead.
    "session_timeout_ms": 30_000,
    # Also how fast a member learns of a rebalance.
    "heartbeat_interval_ms": 1_000,
    # A member that waits for its database keeps its partitions: the others wait for the same database.
    "max_poll_interval_ms": 3_600_000,
    # New records are answered at once. When there are none, this is how often an empty answer comes, and how
    # long other questions to the broker may stand behind a fetch.
    "fetch_max_wait_ms": 500,
    # How often the client looks for something to fetch when nothing wakes it.
    "consumer_timeout_ms": 2_000,
    # Some batches: the next fetch begins when all of this one is taken (`FETCH_AGAIN_SECONDS`), so that no
    # partition waits for long behind the others. A record that is larger comes alone.
    "fetch_max_bytes": 512 * 1024,
    "max_partition_fetch_bytes": MAX_RECORD_BYTES + 64 * 1024,
    # A topic that is made after the consumer started is seen this soon.
    "metadata_max_age_ms": 30_000,
    # Each of several brokers that are silent at the start costs this much; so does asking where the logs end.
    "request_timeout_ms": 10_000,
    "retry_backoff_ms": 100,
}
