"""What the worker runs beside the outbox relay: it follows the employees, and forgets what expired."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from services.assessment.employees import projection
from services.assessment.settings import Settings
from services.assessment.submissions.queries import delete_expired, forget_resolutions
from shared.db.session import Database
from shared.http.idempotency import clean_idempotency_keys
from shared.kafka.subscription import Subscription
from shared.worker import Job

_HOUR: Final = 3600.0
_EXPIRED_AT_ONCE: Final = 1000


def subscriptions(_database: Database) -> Sequence[Subscription]:
    """Employees: whose NIP is whose, and where they serve."""
    return (projection.SUBSCRIPTION,)


def jobs(_settings: Settings, database: Database) -> Sequence[Job]:
    """Forgetting: what nobody arrived for in time, old resolutions, idempotency keys that cannot come again."""
    return (
        Job("expire-unmatched", _expire_unmatched(database), every=_HOUR),
        Job("clean-idempotency-keys", clean_idempotency_keys(database), every=_HOUR),
    )


def _expire_unmatched(database: Database) -> Callable[[], Awaitable[bool]]:
    async def expire() -> bool:
        async with database.transaction() as session:
            expired = await delete_expired(session, _EXPIRED_AT_ONCE)
            forgotten = await forget_resolutions(session, _EXPIRED_AT_ONCE)
        return max(expired, forgotten) == _EXPIRED_AT_ONCE

    return expire
