"""Settings of the reporting service, from variables that begin with `REPORTING_`."""

from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from shared.db.engine import Role
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """One process of the reporting service."""

    model_config = SettingsConfigDict(env_prefix="REPORTING_")
    service: ClassVar[str] = "reporting"
    by_index: ClassVar[frozenset[Role]] = frozenset({Role.API, Role.WORKER})

    port: int = 8004
    worker_port: int = 8104

    placement_url: str = "http://127.0.0.1:8003"
    """Where `verify` asks placement for digests of what it published."""
