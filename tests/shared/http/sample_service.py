"""The sample as a service with a command line: `python -m tests.shared.http.sample_service api`."""

import sys
from pathlib import Path

from pydantic_settings import SettingsConfigDict

from shared.service import Service, main
from tests.shared.http import sample
from tests.shared.items import PUBLISHED


class Settings(sample.Settings):
    """From variables that begin with `SAMPLE_`."""

    model_config = SettingsConfigDict(env_prefix="SAMPLE_")


SERVICE = Service(
    name="sample",
    settings=Settings,
    create_app=sample.create_app,
    subscriptions=lambda _database: (),
    jobs=lambda _settings, _database: (),
    migrations=Path("none"),
    published=PUBLISHED,
)

if __name__ == "__main__":
    sys.exit(main(SERVICE))
