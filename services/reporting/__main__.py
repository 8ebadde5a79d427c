"""The command line of the service: `python -m services.reporting --help`."""

import sys
from pathlib import Path

from services.reporting.boards.events import PUBLISHED
from services.reporting.main import create_app
from services.reporting.rebuilding.commands import REBUILD
from services.reporting.settings import Settings
from services.reporting.verification.commands import VERIFY
from services.reporting.worker import jobs, subscriptions
from shared.service import Service, main

SERVICE = Service(
    name="reporting",
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
