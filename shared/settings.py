"""Settings of one service process, read once from the environment. Nothing else reads the environment.

A service subclasses `ServiceSettings` with its own prefix, say `PROFILE_`. What all services of an installation
share (Kafka, the token issuer) may also stand without a prefix: `KAFKA_BOOTSTRAP_SERVERS`, `AUTH_JWKS_URL`.
"""

from secrets import token_urlsafe
from typing import Any, ClassVar

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.db.engine import Role


def _installation_wide(name: str, default: Any) -> Any:
    """A field that is `<PREFIX>_<NAME>` or, for all services at once, `<NAME>`."""
    return Field(default, validation_alias=AliasChoices(name, name.upper()))


class ServiceSettings(BaseSettings):
    """What every service needs. Durations are in seconds, sizes in records or bytes as named."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)
    service: ClassVar[str]
    """`profile`, `assessment`, `placement` or `reporting`."""
    by_index: ClassVar[frozenset[Role]] = frozenset()
    """Which of its processes find the rows of all their statements by an index (`create_engine`)."""

    database_url: str
    """`postgresql://role:password@host:port/database`."""
    database_pool_size: int = 8

    kafka_bootstrap_servers: str = _installation_wide("kafka_bootstrap_servers", "127.0.0.1:9092")
    kafka_namespace: str = _installation_wide("kafka_namespace", "")
    """Put before every topic and group, so that several installations share one cluster, e.g. `staging.`"""
    kafka_replication: int = _installation_wide("kafka_replication", 1)
    """Brokers that hold each topic which `migrate` makes: three in a cluster, of which two acknowledge."""
    kafka_batch_records: int = 500

    auth_jwks_url: str = _installation_wide("auth_jwks_url", "http://127.0.0.1:8010/jwks.json")
    auth_issuer: str = _installation_wide("auth_issuer", "http://127.0.0.1:8010")
    auth_audience: str = _installation_wide("auth_audience", "talenta")

    http_cursor_key: str = Field(
        default_factory=lambda: token_urlsafe(32),
        min_length=32,
        validation_alias=AliasChoices("http_cursor_key", "HTTP_CURSOR_KEY"),
    )
    """Signs page cursors; the same in all replicas. Without one, cursors end with the process that made them."""
    http_largest_body: int = 8 * 1024 * 1024
    """Bytes of a request body."""
    http_body_seconds: float = 30
    """How long a request body may take to arrive whole."""
    http_most_in_flight: int = 1000
    """Requests that one process works on at once; it refuses more with 503."""

    outbox_longest_age: float = 15 * 60
    """Age of the oldest row not yet published above which writes are refused with 503."""
    outbox_most_bytes: int = 2 * 1024**3
    """The same for the bytes that wait: less than what the disk has left for them."""
    bulk_longest_delay: float = 0.3
    """A batch begins only while what waits before it, in all queues to the end of the chain, takes no longer."""
    bulk_longest_wait: float = 5
    """How long a batch waits for that before it is refused with 503."""

    host: str = "127.0.0.1"
    port: int
    worker_port: int
    """Where a process in the role `worker` serves /livez, /readyz and /metrics."""
    log_level: str = _installation_wide("log_level", "INFO")

    installation_regions: tuple[str, ...] = _installation_wide("installation_regions", ("33.*",))
    """All that this installation serves: who compares whole services must be entitled to all of it."""
    talenta_token: SecretStr = _installation_wide("talenta_token", "")
    """The token that a command for operations shows to other services."""
