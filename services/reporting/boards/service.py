"""Writes the board in the folder's transaction, and publishes what has moved on it."""

from collections.abc import Mapping

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards import queries
from services.reporting.boards.events import standing_event
from services.reporting.boards.rules import MeritPolicy, assess
from services.reporting.folding.queries import RevisionNumber, next_revision, take_turn
from services.reporting.folding.rules import Tally
from shared.events.envelope import Cause
from shared.kafka.topics import STANDINGS
from shared.outbox.append import append


async def update_board(
    session: AsyncSession,
    policy: MeritPolicy,
    revision: RevisionNumber,
    tallies: Mapping[str, Tally],
    causes: Mapping[str, Cause],
) -> None:
    """Bring the board up to these tallies; `causes` says what moved which region. Needs the folder's turn.

    Only rows whose content changes are written. The tallies of regions that another policy put on the board must
    be among these: all are compared by one.
    """
    assessed = {region: assess(tally, policy) for region, tally in tallies.items()}
    if assessed:
        await queries.write_board(session, policy.policy_id, revision, assessed, causes)


async def apply_policy(session: AsyncSession, policy: MeritPolicy) -> bool:
    """Compute the board anew where another policy computed it, say after an update of Talenta. Returns False."""
    await take_turn(session)
    outdated = await queries.list_outdated(session, policy.policy_id)
    if outdated:
        revision = await next_revision(session)
        cause = Cause(revision.as_of, (f"merit-policy/{policy.policy_id}",))
        tallies = await queries.tallies_of(session, outdated)
        await update_board(session, policy, revision, tallies, dict.fromkeys(tallies, cause))
    return False


async def publish_standings(session: AsyncSession) -> bool:
    """Publish the regions that moved, each at most once a second with what moved in between. Returns False."""
    await take_turn(session)
    rows = await queries.rows_to_publish(session)
    if rows:
        await append(session, STANDINGS, [standing_event(row) for row in rows])
        await queries.mark_published(session, [row.region for row in rows])
    return False
