"""The gauge of open dead letters: a job of every worker that consumes."""

from collections.abc import Sequence
from typing import Final

from shared.db.session import Database
from shared.dead_letters.queries import count_open
from shared.kafka.subscription import Subscription
from shared.metrics.kafka import DEAD_LETTERS_OPEN
from shared.worker import Job

_EVERY: Final = 10.0


def count_dead_letters(database: Database, subscriptions: Sequence[Subscription]) -> Sequence[Job]:
    """One job, or none where nothing is consumed: then nothing can fail either."""

    async def count() -> bool:
        async with database.reading() as session:
            found = await count_open(session)
        # Without what was repaired meanwhile.
        DEAD_LETTERS_OPEN.clear()
        for (group, topic), number in found.items():
            DEAD_LETTERS_OPEN.labels(group, topic).set(number)
        return False

    return (Job("count-dead-letters", count, every=_EVERY),) if subscriptions else ()
