"""Settings of the assessment service, read from `ASSESSMENT_…`."""

from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """See `ServiceSettings`; the ports of the installation are the defaults."""

    model_config = SettingsConfigDict(env_prefix="ASSESSMENT_")
    service: ClassVar[str] = "assessment"

    port: int = 8002
    worker_port: int = 8102
