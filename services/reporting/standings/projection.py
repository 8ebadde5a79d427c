"""Takes `placement.talents` into the standings, and nothing else: sums are the folder's work.

Consumers meet on no hot row this way, and an event that comes twice or late changes nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.standings import queries
from services.reporting.standings.rules import newest
from shared.db.session import after_commit
from shared.events.placement import TalentState
from shared.kafka.subscription import Handler, Received

MOST_DIRTY: Final = 4_000
"""Dirty rows above which a consumer pauses, so that one score among a million waits for two folds at most."""
LONGEST_PAUSE: Final = 5.0
"""Seconds, less than the database allows an idle transaction. Then the batch goes in: consumers crawl on."""
_LOOK_AGAIN: Final = 0.05


def projection(moved: Callable[[], None]) -> Handler:
    """The handler. `moved` is called after a batch has been committed."""
    # As the batch before left it; before the first one, nobody knows.
    span = MOST_DIRTY + 1

    async def project(session: AsyncSession, batch: Sequence[Received[TalentState]]) -> None:
        nonlocal span
        if span > MOST_DIRTY:
            # Before any row is locked: others must not wait for one who waits.
            await _let_the_folder_catch_up(session)
        told = newest((event.state, event.cause, event.contract) for event in batch)
        span = await queries.put_standings(session, told)
        after_commit(session, moved)

    return project


async def _let_the_folder_catch_up(session: AsyncSession) -> None:
    waited = 0.0
    while waited < LONGEST_PAUSE and await queries.dirty_span(session) > MOST_DIRTY:
        await asyncio.sleep(_LOOK_AGAIN)
        waited += _LOOK_AGAIN
