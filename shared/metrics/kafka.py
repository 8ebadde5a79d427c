"""Metrics of the consumers."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from shared.metrics import PREFIX, RECORDS, SECONDS

LAG_RECORDS: Final = Gauge(
    "consumer_lag_records",
    "Records written to the topic and not yet taken in. High: the group is slower than its topic.",
    ["group", "topic"],
    namespace=PREFIX,
)
LAG_SECONDS: Final = Gauge(
    "consumer_lag_seconds",
    "Age in seconds of the last record taken in of the partition furthest behind; 0 where none is behind. "
    "High: what is read is that old.",
    ["group", "topic"],
    namespace=PREFIX,
)
BATCH_RECORDS: Final = Histogram(
    "consumer_batch_records",
    "Records of one batch, that is of one transaction. High: the group catches up; always 1: it is idle.",
    ["group"],
    namespace=PREFIX,
    buckets=RECORDS,
)
BATCH_WRITE_SECONDS: Final = Histogram(
    "consumer_batch_write_seconds",
    "Seconds from decoding a batch to its commit in the database, retries included. "
    "High: slow database or handler.",
    ["group"],
    namespace=PREFIX,
    buckets=SECONDS,
)
END_TO_END_SECONDS: Final = Histogram(
    "event_end_to_end_seconds",
    "Seconds from the acceptance of the request that caused an event to the commit of its effect here. "
    "High: what people see is stale.",
    ["group"],
    namespace=PREFIX,
    buckets=SECONDS,
)
RECORDS_TAKEN: Final = Counter(
    "consumer_records_total",
    "Records taken in, dead letters included.",
    ["group"],
    namespace=PREFIX,
)
DEAD_LETTERS: Final = Counter(
    "consumer_dead_letters_total",
    "Records that could not be decoded or handled. Any growth needs somebody to look at source.dead_letter.",
    ["group", "topic"],
    namespace=PREFIX,
)
DEAD_LETTERS_OPEN: Final = Gauge(
    "dead_letters_open",
    "Dead letters that nobody replayed or dropped yet; every worker of a service tells the same number. "
    "Above 0: what these records say is missing here (docs/operations.md).",
    ["group", "topic"],
    namespace=PREFIX,
)
DATABASE_TROUBLES: Final = Counter(
    "consumer_database_troubles_total",
    "Batches that met trouble of the database and were tried again. Growing: nothing is taken in meanwhile.",
    ["group"],
    namespace=PREFIX,
)
KAFKA_TROUBLES: Final = Counter(
    "consumer_kafka_troubles_total",
    "Errors of the broker or of the group while fetching or committing. Growing: the group does not settle.",
    ["group"],
    namespace=PREFIX,
)
REBALANCES: Final = Counter(
    "consumer_rebalances_total",
    "Times a member began at the stored offsets: with an assignment, or after an error of the broker. "
    "Growing without a deployment: members are slow, or die; or consumer_kafka_troubles_total grows too.",
    ["group"],
    namespace=PREFIX,
)
BATCHES_DISCARDED: Final = Counter(
    "consumer_batches_discarded_total",
    "Batches dropped unapplied because their partitions were revoked; the new owner reads them again.",
    ["group"],
    namespace=PREFIX,
)
OFFSETS_FORGOTTEN: Final = Counter(
    "consumer_offsets_forgotten_total",
    "Stored offsets outside the log: the partition is read from its beginning. "
    "Any growth: a topic was made anew or lost its tail.",
    ["group", "topic"],
    namespace=PREFIX,
)
STOPPED: Final = Gauge(
    "consumer_stopped_by_dead_letters",
    "1 after too many dead letters in one partition stopped the consumer; 0 otherwise.",
    ["group"],
    namespace=PREFIX,
)
