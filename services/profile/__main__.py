"""The command line of the service: `python -m services.profile --help`."""

import sys
from pathlib import Path

from services.profile.employees.events import PUBLISHED
from services.profile.main import create_app
from services.profile.settings import Settings
from services.profile.verification.commands import VERIFY
from services.profile.worker import jobs, subscriptions
from shared.service import Service, main

SERVICE = Service(
    name="profile",
    settings=Settings,
    create_app=create_app,
    subscriptions=subscriptions,
    jobs=jobs,
    migrations=Path(__file__).parent / "migrations",
    published=PUBLISHED,
    commands=(VERIFY,),
)

if __name__ == "__main__":
    sys.exit(main(SERVICE, sys.argv[1:]))
