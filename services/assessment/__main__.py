"""`python -m services.assessment {api,worker,all,migrate,openapi,dead-letters,unmatched}`."""

import sys
from pathlib import Path

from services.assessment.main import create_app
from services.assessment.settings import Settings
from services.assessment.unmatched.commands import UNMATCHED
from services.assessment.worker import jobs, subscriptions
from shared.service import Service, main

SERVICE = Service(
    name="assessment",
    settings=Settings,
    create_app=create_app,
    subscriptions=subscriptions,
    jobs=jobs,
    migrations=Path(__file__).parent / "migrations",
    commands=(UNMATCHED,),
)

if __name__ == "__main__":
    sys.exit(main(SERVICE, sys.argv[1:]))
