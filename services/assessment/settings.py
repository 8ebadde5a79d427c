"""Settings of the assessment service, from variables that begin with `ASSESSMENT_`."""

from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from shared.db.engine import Role
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """One process of the assessment service."""

    model_config = SettingsConfigDict(env_prefix="ASSESSMENT_")
    service: ClassVar[str] = "assessment"
    by_index: ClassVar[frozenset[Role]] = frozenset({Role.API})

    port: int = 8002
    worker_port: int = 8102

    profile_url: str = "http://127.0.0.1:8001"
    """Where `verify` asks profile for digests of what it published."""
