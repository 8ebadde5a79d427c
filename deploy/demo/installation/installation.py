"""What a demonstration runs against."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PerService:
    """One text for each service: an address, or the URL of a database."""

    profile: str
    assessment: str
    placement: str
    reporting: str


@dataclass(frozen=True, slots=True)
class Installation:
    """Four running services, the databases and the broker behind them, and a folder for one small file."""

    addresses: PerService
    """`http://host:port`, without a slash at the end."""
    databases: PerService
    """`postgresql://role:password@host:port/database`; the role only reads."""
    kafka_bootstrap_servers: str
    kafka_namespace: str
    integrator_token: Callable[[], str]
    """A fresh token of the integrator over all of the province (`33.*`)."""
    folder: Path
