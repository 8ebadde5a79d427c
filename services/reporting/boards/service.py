"""Writes the board in the folder's transaction, and publishes what has moved on it."""

from collections.abc import Mapping

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards import queries
from services.reporting.boards.events import standing_event
from services.reporting.boards.rules import Content, MeritPolicy, assess, rerank
from services.reporting.boards.tables import BoardRow
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

    Only rows whose content changes are written. A region of another policy is computed anew with the others.
    """
    rows = await queries.board_rows(session)
    outdated = {region for region, row in rows.items() if row.policy_id != policy.policy_id} - tallies.keys()
    if outdated:
        tallies = {**tallies, **await queries.tallies_of(session, outdated)}
    board = {region: _content_of(row) for region, row in rows.items()}
    assessed = {region: assess(tally, policy) for region, tally in tallies.items()}
    # Whose rank alone moved was moved by all the others.
    all_causes = Cause.merged(causes.values())
    for region, content in rerank(board, assessed, policy.policy_id).items():
        if content != board.get(region):
            row = rows.get(region) or _new_row(region, revision)
            _write(row, content, causes.get(region, all_causes), revision)
            session.add(row)


async def apply_policy(session: AsyncSession, policy: MeritPolicy) -> bool:
    """Compute the board anew where another policy computed it, say after an update of Talenta. Returns False."""
    await take_turn(session)
    if await queries.is_outdated(session, policy.policy_id):
        revision = await next_revision(session)
        cause = Cause(revision.as_of, (f"merit-policy/{policy.policy_id}",))
        await update_board(session, policy, revision, {}, {policy.policy_id: cause})
    return False


async def publish_standings(session: AsyncSession) -> bool:
    """Publish the regions that moved, each at most once a second with what moved in between. Returns False."""
    await take_turn(session)
    rows = await queries.rows_to_publish(session)
    if rows:
        await append(session, STANDINGS, [standing_event(row) for row in rows])
        await queries.mark_published(session, [row.region for row in rows])
    return False


def _content_of(row: BoardRow) -> Content:
    return Content(row.policy_id, row.rank, row.index, row.unranked_reason, row.components)


def _new_row(region: str, revision: RevisionNumber) -> BoardRow:
    return BoardRow(
        region=region,
        version=0,
        policy_id="",
        rank=None,
        index=None,
        unranked_reason=None,
        components=[],
        revision=0,
        as_of=revision.as_of,
        origin_time=revision.as_of,
        causes=[],
        traceparent=None,
        published_version=0,
        published_at=None,
    )


def _write(row: BoardRow, content: Content, cause: Cause, revision: RevisionNumber) -> None:
    if row.version > row.published_version:
        cause = Cause.merged([Cause(row.origin_time, tuple(row.causes), row.traceparent), cause])
    row.policy_id, row.rank, row.index = content.policy_id, content.rank, content.index
    row.unranked_reason, row.components = content.unranked_reason, content.components
    row.version += 1
    row.revision, row.as_of = revision
    row.origin_time, row.causes, row.traceparent = cause.origin_time, list(cause.causes), cause.traceparent
