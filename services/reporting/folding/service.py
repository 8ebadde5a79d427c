"""The folder: the one writer of the folded copy, the tallies, the histograms and the board."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.rules import MeritPolicy
from services.reporting.boards.service import update_board
from services.reporting.folding import queries
from services.reporting.folding.rules import differences
from shared.events.envelope import Cause

FOLD_PEOPLE: Final = 2_000
"""People whom one fold takes at most: more are faster in all, and hold the turn for longer."""


async def fold(session: AsyncSession, policy: MeritPolicy, most: int = FOLD_PEOPLE) -> bool:
    """Take the oldest marks and bring everything that follows from them up to date, all in this transaction.

    Returns True when more may be waiting.
    """
    await queries.take_turn(session)
    employee_ids = await queries.take_dirty(session, most)
    copied = await queries.copy_standings(session, employee_ids) if employee_ids else []
    # A state whose input versions alone grew is copied, and moves nothing.
    moved = [one for one in copied if one.move.old != one.move.new]
    if moved:
        change = differences(one.move for one in moved)
        revision = await queries.next_revision(session)
        if change.values:
            await queries.add_values(session, change.values)
        tallies = await queries.add_tallies(session, change.tallies) if change.tallies else {}
        await update_board(session, policy, revision, tallies, _causes_by_region(moved))
    return len(employee_ids) == most


def _causes_by_region(moved: Iterable[queries.Copied]) -> dict[str, Cause]:
    causes: defaultdict[str, list[Cause]] = defaultdict(list)
    for one in moved:
        for region in one.move.regions:
            causes[region].append(one.cause)
    return {region: Cause.merged(told) for region, told in causes.items()}
