"""Settings of one local stack."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("profile", "assessment", "placement", "reporting")
"""In the order of the flow, which is the order of starting."""

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a stack lives and which servers it uses.

    Each stack (`run`, `demo`, `test`) has a folder of its own under `local`; Kafka's jars lie beside them for all.
    """

    name: str
    local: Path = PROJECT / ".local"
    database_url: str | None = None
    """`postgresql://superuser:password@host:port/database` of a given PostgreSQL; None: start one."""
    kafka_bootstrap_servers: str | None = None
    """`host:port[,host:port]` of a given Kafka; None: start one."""
    namespace: str = ""
    """Keeps this stack's databases and topics apart on given servers; empty: the stack's name."""
    emptied: bool = False
    """Start from nothing: what an earlier run of the same name left is removed first."""

    @classmethod
    def from_environment(
        cls,
        name: str,
        *,
        local: Path | None = None,
        namespace: str = "",
        emptied: bool = False,
        environment: Mapping[str, str] = os.environ,
    ) -> "Settings":
        """`DATABASE_URL` and `KAFKA_BOOTSTRAP_SERVERS` given: those servers are used and none is started."""
        return cls(
            name=name,
            local=(local or PROJECT / ".local").resolve(),
            database_url=environment.get("DATABASE_URL") or None,
            kafka_bootstrap_servers=environment.get("KAFKA_BOOTSTRAP_SERVERS") or None,
            namespace=namespace,
            emptied=emptied,
        )

    @property
    def folder(self) -> Path:
        """Data, logs, keys and ports of this stack."""
        return self.local / self.name

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def kafka_namespace(self) -> str:
        """Put before every topic and group; empty on a Kafka of the stack's own."""
        return f"{self.namespace or self.name}." if self.kafka_bootstrap_servers else ""

    def database(self, service: str) -> str:
        """Name of the service's database, which is also the name of its role."""
        return f"talenta_{self.namespace or self.name}_{service}" if self.database_url else service
