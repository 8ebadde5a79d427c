"""Metrics of the outbox and its relay."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from shared.metrics import PREFIX, RECORDS, SECONDS

OLDEST_AGE_SECONDS: Final = Gauge(
    "outbox_oldest_age_seconds",
    "Age in seconds of the oldest row not yet published; 0 where there is none. Each worker tells what its relay "
    "sees, active or standing by, and each API what it saw when it looked last, for a write or for /readyz: take "
    "the maximum over the processes of a service. High: the broker is away, no relay is active, or it is behind; "
    "at `outbox_longest_age` writes are refused.",
    namespace=PREFIX,
)
RELAY_ACTIVE: Final = Gauge(
    "outbox_relay_active",
    "1 where this process holds the relay of its database, 0 where it stands by. "
    "The sum over the processes of a service must be 1.",
    namespace=PREFIX,
)
RELAY_RESTARTS: Final = Counter(
    "outbox_relay_restarts_total",
    "Times the relay lost its broker or its database session and began again at the lowest id. "
    "Growing: events are late.",
    namespace=PREFIX,
)
PUBLISHED: Final = Counter(
    "outbox_published_total",
    "Records published and acknowledged.",
    ["topic"],
    namespace=PREFIX,
)
ROWS_DELETED: Final = Counter(
    "outbox_rows_deleted_total",
    "Outbox rows done with; above the published, because of several rows of a key only the newest is published.",
    namespace=PREFIX,
)
BATCH_ROWS: Final = Histogram(
    "outbox_batch_rows",
    "Rows of one batch. At its upper bound for long: the relay is behind its writers.",
    namespace=PREFIX,
    buckets=RECORDS,
)
BATCH_SECONDS: Final = Histogram(
    "outbox_batch_seconds",
    "Seconds from reading a batch to its deletion after all acknowledgements. High: slow broker.",
    namespace=PREFIX,
    buckets=SECONDS,
)
