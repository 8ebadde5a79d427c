"""Settings of the profile service, from variables that begin with `PROFILE_`."""

from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """One process of the profile service."""

    model_config = SettingsConfigDict(env_prefix="PROFILE_")
    service: ClassVar[str] = "profile"

    port: int = 8001
    worker_port: int = 8101
