"""Settings of the placement service, from variables that begin with `PLACEMENT_`."""

from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from shared.db.engine import Role
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """One process of the placement service."""

    model_config = SettingsConfigDict(env_prefix="PLACEMENT_")
    service: ClassVar[str] = "placement"
    # Not its API, which filters by whatever a caller asks for.
    by_index: ClassVar[frozenset[Role]] = frozenset({Role.WORKER})

    port: int = 8003
    worker_port: int = 8103

    profile_url: str = "http://127.0.0.1:8001"
    """Where `verify` asks profile for digests of what it published."""
    assessment_url: str = "http://127.0.0.1:8002"
    """Where `verify` asks assessment for digests of what it published."""

    reevaluation_every: float = 60
    """Seconds between looks for rows that are due, or whose policy is no longer in force."""
    reevaluation_rows: int = 500
    """Rows re-evaluated in one transaction."""
