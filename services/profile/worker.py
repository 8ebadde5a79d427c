"""What the worker runs beside the outbox relay: nothing. Profile consumes no topic."""

from collections.abc import Sequence

from services.profile.settings import Settings
from shared.db.session import Database
from shared.kafka.subscription import Subscription
from shared.worker import Job


def subscriptions(_database: Database) -> Sequence[Subscription]:
    """None: profile is where employees come from."""
    return ()


def jobs(_settings: Settings, _database: Database) -> Sequence[Job]:
    """None: nothing here changes with time alone."""
    return ()
