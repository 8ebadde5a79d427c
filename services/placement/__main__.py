"""`python -m services.placement {api,worker,all,migrate,openapi,dead-letters}`."""

import sys
from pathlib import Path

from services.placement.main import create_app
from services.placement.settings import Settings
from services.placement.worker import jobs, subscriptions
from shared.service import Service, main

SERVICE = Service(
    name="placement",
    settings=Settings,
    create_app=create_app,
    subscriptions=subscriptions,
    jobs=jobs,
    migrations=Path(__file__).parent / "migrations",
)

if __name__ == "__main__":
    sys.exit(main(SERVICE, sys.argv[1:]))
