"""The folder: the one writer of the folded copy, the tallies, the histograms and the board."""

from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.rules import MeritPolicy
from services.reporting.boards.service import update_board
from services.reporting.folding import queries
from shared.db.moved import MOVED, told
from shared.db.session import notify_after_commit

FOLD_PEOPLE: Final = 2_000
"""People whom one fold takes at most: more are faster in all, and hold the turn for longer."""


async def fold(session: AsyncSession, policy: MeritPolicy, most: int = FOLD_PEOPLE) -> bool:
    """Take the oldest marks and bring everything that follows from them up to date, all in this transaction.

    Returns True when more may be waiting.
    """
    await queries.take_turn(session)
    return await fold_in_turn(session, policy, most)


async def fold_in_turn(session: AsyncSession, policy: MeritPolicy, most: int = FOLD_PEOPLE) -> bool:
    """The same in a transaction that began with `TURN`."""
    done = await queries.fold_oldest(session, most, policy.policy_id)
    if done.revision is not None:
        await update_board(session, policy, done.revision, done.tallies, done.causes)
    if done.people:
        notify_after_commit(session, MOVED, told(done.who))
    return done.people == most
