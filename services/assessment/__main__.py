"""The command line of the service: `python -m services.assessment --help`."""

import sys
from pathlib import Path

from services.assessment.main import create_app
from services.assessment.rebuilding.commands import REBUILD
from services.assessment.results.events import PUBLISHED
from services.assessment.settings import Settings
from services.assessment.unmatched.commands import UNMATCHED
from services.assessment.verification.commands import VERIFY
from services.assessment.worker import jobs, subscriptions
from shared.service import Service, main

SERVICE = Service(
    name="assessment",
    settings=Settings,
    create_app=create_app,
    subscriptions=subscriptions,
    jobs=jobs,
    migrations=Path(__file__).parent / "migrations",
    published=PUBLISHED,
    commands=(UNMATCHED, VERIFY, REBUILD),
)

if __name__ == "__main__":
    sys.exit(main(SERVICE, sys.argv[1:]))
