"""The board as it is written by the folder, and as everybody else reads it: in one statement, one revision."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import func, nulls_last, or_, true, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.tables import BoardRow
from services.reporting.folding.rules import Tally
from services.reporting.folding.tables import RegionTally, Revision

PUBLISHED_AT_MOST_EVERY: Final = timedelta(seconds=1)


class BoardReading(NamedTuple):
    """Rows of one revision, the best first, regions without a rank at the end."""

    revision: Revision
    rows: list[tuple[BoardRow, RegionTally]]


async def board_rows(session: AsyncSession) -> dict[str, BoardRow]:
    """All rows by region, to be changed; only with the folder's turn taken."""
    return {row.region: row for row in await session.exec(select(BoardRow))}


async def tallies_of(session: AsyncSession, regions: Iterable[str]) -> dict[str, Tally]:
    """The tallies of these regions."""
    columns = [getattr(RegionTally, name) for name in Tally._fields]
    connection = await session.connection()
    rows = await connection.execute(
        select(RegionTally.region, *columns).where(col(RegionTally.region).in_(regions))
    )
    return {row[0]: Tally(*row[1:]) for row in rows}


async def is_outdated(session: AsyncSession, policy_id: str) -> bool:
    """Whether a row was computed by another policy."""
    found = await session.exec(select(BoardRow.region).where(BoardRow.policy_id != policy_id).limit(1))
    return found.first() is not None


async def rows_to_publish(session: AsyncSession) -> list[BoardRow]:
    """Rows with unpublished content whose last publication is long enough ago, in the order of the keys."""
    due = or_(
        col(BoardRow.published_at).is_(None),
        col(BoardRow.published_at) <= func.clock_timestamp() - PUBLISHED_AT_MOST_EVERY,
    )
    found = await session.exec(
        select(BoardRow).where(BoardRow.version > BoardRow.published_version, due).order_by(BoardRow.region),
    )
    return list(found)


async def mark_published(session: AsyncSession, regions: Sequence[str]) -> None:
    """Their content as it is now has been published; with the turn taken it is what was just read."""
    connection = await session.connection()
    await connection.execute(
        update(BoardRow)
        .where(col(BoardRow.region).in_(regions))
        .values(published_version=BoardRow.version, published_at=func.clock_timestamp()),
    )


async def revision_number(session: AsyncSession) -> int:
    """The revision that the folded tables have now."""
    return (await session.exec(select(Revision.number))).one()


async def read_board(session: AsyncSession, region: str | None = None) -> BoardReading:
    """The board, or one region of it, and the revision that it belongs to."""
    wanted = true() if region is None else col(BoardRow.region) == region
    found = await session.exec(
        select(Revision, BoardRow, RegionTally)
        .select_from(Revision)
        .outerjoin(BoardRow, wanted)
        .outerjoin(RegionTally, col(RegionTally.region) == col(BoardRow.region))
        .order_by(nulls_last(col(BoardRow.rank)), col(BoardRow.region)),
    )
    rows: Sequence[tuple[Revision, BoardRow | None, RegionTally | None]] = found.all()
    return BoardReading(rows[0][0], [(row, tally) for _, row, tally in rows if row and tally])
