"""Metrics of the HTTP side. `route` is always a template such as `/v1/employees/{nip}`, never a path."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUESTS: Final = Counter(
    "talenta_http_requests",
    "Requests answered.",
    ["method", "route", "status"],
)
REQUEST_SECONDS: Final = Histogram(
    "talenta_http_request_seconds",
    "From acceptance to the last byte of the answer.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
IN_FLIGHT: Final = Gauge("talenta_http_requests_in_flight", "Requests being worked on.")
WAITING: Final = Gauge("talenta_http_after_waiters", "Reads that wait for a write of theirs to arrive.")
