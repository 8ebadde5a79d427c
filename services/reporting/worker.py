"""What the worker runs beside the outbox relay: the projection, the folder, the publisher."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Final
from weakref import WeakKeyDictionary

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.queries import is_any_due
from services.reporting.boards.rules import policy_in_force
from services.reporting.boards.service import apply_policy, publish_standings
from services.reporting.folding.queries import TURN
from services.reporting.folding.service import fold_in_turn
from services.reporting.settings import Settings
from services.reporting.standings.projection import projection
from services.reporting.standings.queries import dirty_span
from shared.db.kept import KeptConnection
from shared.db.session import Database
from shared.events.placement import TalentState
from shared.kafka.subscription import Subscription
from shared.kafka.topics import TALENTS
from shared.metrics.folding import WAITING
from shared.worker import Job

_SHORTEST_GAP: Final = 0.005
"""Seconds from the begin of one fold to that of the next. Who comes alone does not wait; of a stream of single
scores a fold takes a few at once, for about the cost of one."""

_MOVED: Final[WeakKeyDictionary[Database, asyncio.Event]] = WeakKeyDictionary()


def _moved(database: Database) -> asyncio.Event:
    """Set when standings of this database were written here. What others write the folder finds by looking."""
    return _MOVED.setdefault(database, asyncio.Event())


def subscriptions(database: Database) -> Sequence[Subscription]:
    """Reporting follows `placement.talents` alone: one source of what counts."""
    handle = projection(_moved(database).set)
    return (Subscription("reporting.standings", {TALENTS: TalentState}, handle),)


def jobs(_settings: Settings, database: Database) -> Sequence[Job]:
    """The folder at once after each batch; regions that moved go out once a second."""

    def in_transaction(work: Callable[[AsyncSession], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
        async def run() -> bool:
            async with database.transaction() as session:
                return await work(session)

        return run

    async def publish() -> bool:
        # Mostly nothing has moved: to see that costs a fraction of what the turn does.
        async with database.reading() as session:
            due = await is_any_due(session)
        return due and await in_transaction(publish_standings)()

    async def count_waiting() -> bool:
        async with database.reading() as session:
            WAITING.set(await dirty_span(session))
        return False

    policy = policy_in_force()
    # Many a second, one after the other: on one connection.
    kept = KeptConnection(database)

    async def fold_next() -> bool:
        async with kept.transaction(opening=TURN) as session:
            return await fold_in_turn(session, policy)

    return (
        Job("fold", _paced(fold_next), every=1.0, signal=_moved(database), end=kept.release),
        Job("publish-standings", publish, every=1.0),
        Job("count-waiting", count_waiting, every=10.0),
        Job("apply-merit-policy", in_transaction(lambda session: apply_policy(session, policy)), every=60.0),
    )


def _paced(work: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
    began = 0.0

    async def run() -> bool:
        nonlocal began
        await asyncio.sleep(began + _SHORTEST_GAP - monotonic())
        began = monotonic()
        return await work()

    return run
