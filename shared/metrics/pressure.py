"""Metrics of what is held back: all writes at the bound of the outbox, and bulk while queues are long."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from shared.metrics import PREFIX, SECONDS

OUTBOX_ROWS: Final = Gauge(
    "outbox_rows",
    "Rows not yet published, at most; as an API looked last, for a write or for /readyz.",
    namespace=PREFIX,
)
OUTBOX_BYTES: Final = Gauge(
    "outbox_bytes",
    "Bytes of the rows not yet published; as an API looked last. Near its bound: writes end soon.",
    namespace=PREFIX,
)
WRITES_REFUSED: Final = Counter(
    "writes_refused_total",
    "Writes answered with 503 because the outbox is at its bound. "
    "Growing: the broker is away, or no relay is active.",
    namespace=PREFIX,
)
BULK_DELAY_SECONDS: Final = Gauge(
    "bulk_delay_seconds",
    "Seconds from a commit to the end of the chain while bulk comes in, as its pace goes by; 0 without bulk.",
    namespace=PREFIX,
)
BULK_WAIT_SECONDS: Final = Histogram(
    "bulk_wait_seconds",
    "Seconds that a batch waited for its turn. Long: a hop behind is slower than what is sent.",
    namespace=PREFIX,
    buckets=SECONDS,
)
BULK_REFUSED: Final = Counter(
    "bulk_refused_total",
    "Batches answered with 503 because their turn did not come in time, or too many waited already. "
    "Growing: a hop behind hardly gets on, or too many are sent at once.",
    namespace=PREFIX,
)
