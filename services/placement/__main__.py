"""The command line of the service: `python -m services.placement --help`."""

import sys
from pathlib import Path

from services.placement.main import create_app
from services.placement.rebuilding.commands import REBUILD
from services.placement.settings import Settings
from services.placement.talents.events import PUBLISHED
from services.placement.verification.commands import VERIFY
from services.placement.worker import jobs, subscriptions
from shared.service import Service, main

SERVICE = Service(
    name="placement",
    settings=Settings,
    create_app=create_app,
    subscriptions=subscriptions,
    jobs=jobs,
    migrations=Path(__file__).parent / "migrations",
    published=PUBLISHED,
    commands=(VERIFY, REBUILD),
)

if __name__ == "__main__":
    sys.exit(main(SERVICE, sys.argv[1:]))
