"""Metrics of the HTTP side. `route` is always a template such as `/v1/employees/{nip}`, never a path."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from shared.metrics import PREFIX, SECONDS

REQUESTS: Final = Counter(
    "http_requests_total",
    "Requests answered.",
    ["method", "route", "status"],
    namespace=PREFIX,
)
REQUEST_SECONDS: Final = Histogram(
    "http_request_seconds",
    "Seconds from the acceptance of a request to the last byte of its answer. High: callers wait.",
    ["method", "route"],
    namespace=PREFIX,
    buckets=SECONDS,
)
IN_FLIGHT: Final = Gauge(
    "http_requests_in_flight",
    "Requests being worked on. High for long: the process cannot keep up.",
    namespace=PREFIX,
)
WAITING: Final = Gauge(
    "http_after_waiters",
    "Reads that wait for a write to arrive (`Talenta-After`). High for long: the chain is slow or stands still.",
    namespace=PREFIX,
)
