"""What the worker runs beside the outbox relay: nothing yet. Profile listens to no topic."""

from collections.abc import Sequence

from services.profile.settings import Settings
from shared.db.session import Database
from shared.kafka.subscription import Subscription
from shared.worker import Job


def subscriptions(_database: Database) -> Sequence[Subscription]:
    """Profile is where employees come from: it follows nobody."""
    return ()


def jobs(_settings: Settings, _database: Database) -> Sequence[Job]:
    """Nothing here changes by the passing of time."""
    return ()
