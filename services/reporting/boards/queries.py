"""The board as it is written by the folder, and as everybody else reads it: in one statement, one revision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from pydantic_core import to_json
from sqlalchemy import func, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.rules import Assessed
from services.reporting.boards.tables import BoardRow
from services.reporting.folding.queries import RevisionNumber
from services.reporting.folding.rules import Tally
from services.reporting.folding.tables import RegionTally
from shared.db.session import driver_of
from shared.events.envelope import MOST_CAUSES, Cause

PUBLISHED_AT_MOST_EVERY: Final = timedelta(seconds=1)

# Rows here are written so often that most of the table is what they were before: all are read by way of the index.
_EVERY: Final = "region > ''"

_DUE: Final = f"""{_EVERY} AND version > published_version AND (
    published_at IS NULL OR
    published_at <= clock_timestamp() - interval '{PUBLISHED_AT_MOST_EVERY.total_seconds()} seconds'
)"""
_ANY_DUE: Final = f"SELECT EXISTS (SELECT FROM derived.board_row WHERE {_DUE})"

# `rank()` gives equal index equal rank (1, 2, 2, 4), as `verification.rules.ranks_of` does. What led to a version
# that is not published yet led to the one that replaces it.
_WRITE: Final = f"""
    WITH told AS MATERIALIZED (
        SELECT region, index, unranked_reason, components::jsonb AS components, origin_time, causes, traceparent
        FROM unnest($4::text[], $5::numeric[], $6::text[], $7::text[], $8::timestamptz[], $9::text[], $10::text[])
            AS told (region, index, unranked_reason, components, origin_time, causes, traceparent)
    ),
    after AS (
        SELECT region, $1 AS policy_id, told.index, told.unranked_reason, told.components,
            told.origin_time, told.causes, told.traceparent, same.rank AS known_rank,
            (same.policy_id, same.index, same.unranked_reason, same.components) IS NOT DISTINCT FROM
                ($1, told.index, told.unranked_reason, told.components) AS stays
        FROM told LEFT JOIN derived.board_row AS same USING (region)
        UNION ALL
        SELECT region, policy_id, index, unranked_reason, components, $11, $12, $13, rank, true
        FROM derived.board_row WHERE {_EVERY} AND region <> ALL ($4)
    ),
    ranked AS (
        SELECT *, CASE WHEN is_ranked THEN
            rank() OVER (PARTITION BY is_ranked ORDER BY index DESC)::integer
        END AS rank
        FROM (SELECT *, index IS NOT NULL AND unranked_reason IS NULL AS is_ranked FROM after) AS known
    )
    INSERT INTO derived.board_row AS known (
        region, version, policy_id, rank, index, unranked_reason, components, revision, as_of,
        origin_time, causes, traceparent, published_version
    )
    SELECT region, 1, policy_id, rank, index, unranked_reason, components, $2, $3,
        origin_time, string_to_array(causes, ','), traceparent, 0
    FROM ranked
    WHERE NOT stays OR rank IS DISTINCT FROM known_rank
    ON CONFLICT (region) DO UPDATE SET
        version = known.version + 1, policy_id = EXCLUDED.policy_id, rank = EXCLUDED.rank, index = EXCLUDED.index,
        unranked_reason = EXCLUDED.unranked_reason, components = EXCLUDED.components,
        revision = EXCLUDED.revision, as_of = EXCLUDED.as_of, traceparent = EXCLUDED.traceparent,
        origin_time = CASE WHEN known.version > known.published_version
            THEN least(known.origin_time, EXCLUDED.origin_time) ELSE EXCLUDED.origin_time END,
        causes = CASE WHEN known.version > known.published_version THEN (
            SELECT named.causes[greatest(1, cardinality(named.causes) - {MOST_CAUSES - 1}) :]
            FROM (SELECT known.causes || ARRAY(
                SELECT cause FROM unnest(EXCLUDED.causes) AS cause WHERE cause <> ALL (known.causes)
            ) AS causes) AS named
        ) ELSE EXCLUDED.causes END
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A region on the board as it is read: a row, and the tally that it follows from."""

    region: str
    version: int
    policy_id: str
    rank: int | None
    index: Decimal | None
    unranked_reason: str | None
    components: list[dict[str, Any]]
    as_of: datetime
    origin_time: datetime
    causes: list[str]
    tally: Tally


class BoardReading(NamedTuple):
    """Lines of one revision, the best first, regions without a rank at the end."""

    revision: RevisionNumber
    lines: list[Line]


_LINE: Final = tuple(field.name for field in fields(Line) if field.name != "tally")
# Read anew in every revision by whoever is asked for it: by way of the ORM a region took four times as long.
_READ: Final = f"""
    SELECT revision.number, revision.as_of AS revised_at,
        {", ".join(f"line.{name}" for name in _LINE)}, {", ".join(f"tally.{name}" for name in Tally._fields)}
    FROM derived.revision
    LEFT JOIN (
        derived.board_row AS line JOIN derived.region_tally AS tally ON tally.region = line.region
    ) ON"""
_BOARD: Final = f"{_READ} line.{_EVERY} ORDER BY line.rank NULLS LAST, line.region"
_REGION: Final = f"{_READ} line.region = $1"


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


async def list_outdated(session: AsyncSession, policy_id: str) -> list[str]:
    """The regions whose row was computed by another policy."""
    return list(await session.exec(select(BoardRow.region).where(BoardRow.policy_id != policy_id)))


async def write_board(
    session: AsyncSession,
    policy_id: str,
    revision: RevisionNumber,
    assessed: Mapping[str, Assessed],
    causes: Mapping[str, Cause],
) -> None:
    """Rank all regions with these as they are assessed now, and write the rows whose content that changes.

    `causes` by region, at least one; those whose rank alone moved were moved by all of them.
    """
    for_all = Cause.merged(causes.values())
    regions = [(region, one, causes.get(region, for_all)) for region, one in assessed.items()]
    driver = await driver_of(session)
    await driver.execute(
        _WRITE,
        policy_id,
        *revision,
        [region for region, _, _ in regions],
        [one.index for _, one, _ in regions],
        [one.unranked_reason for _, one, _ in regions],
        [to_json([part.as_json() for part in one.components]).decode() for _, one, _ in regions],
        *zip(*(_columns(cause) for _, _, cause in regions), strict=True),
        *_columns(for_all),
    )


def _columns(cause: Cause) -> tuple[datetime, str, str | None]:
    # Causes travel joined, because unnest would flatten arrays of arrays.
    return cause.origin_time, ",".join(cause.causes), cause.traceparent


async def is_any_due(session: AsyncSession) -> bool:
    """Whether there are rows to publish, as far as one look without the turn can tell."""
    found: bool = await (await driver_of(session)).fetchval(_ANY_DUE)
    return found


async def rows_to_publish(session: AsyncSession) -> list[BoardRow]:
    """Rows with unpublished content whose last publication is long enough ago, in the order of the keys."""
    return list(await session.exec(select(BoardRow).where(text(_DUE)).order_by(BoardRow.region)))


async def list_published(session: AsyncSession, regions: Iterable[str]) -> list[BoardRow]:
    """The rows of these regions whose content has been published as it is now, by region."""
    wanted = select(BoardRow).where(
        col(BoardRow.region).in_(regions),
        col(BoardRow.version) == col(BoardRow.published_version),
    )
    return list(await session.exec(wanted.order_by(BoardRow.region).execution_options(populate_existing=True)))


async def mark_published(session: AsyncSession, regions: Sequence[str]) -> None:
    """Their content as it is now has been published; with the turn taken it is what was just read."""
    connection = await session.connection()
    await connection.execute(
        update(BoardRow)
        .where(col(BoardRow.region).in_(regions))
        .values(published_version=BoardRow.version, published_at=func.clock_timestamp()),
    )


async def read_board(session: AsyncSession, region: str | None = None) -> BoardReading:
    """The board, or one region of it, and the revision that it belongs to."""
    driver = await driver_of(session)
    rows = await (driver.fetch(_BOARD) if region is None else driver.fetch(_REGION, region))
    return BoardReading(RevisionNumber(*rows[0][:2]), [_line_in(row) for row in rows if row["region"]])


def _line_in(row: Any) -> Line:
    tally = Tally(*(row[name] for name in Tally._fields))
    return Line(**{name: row[name] for name in _LINE}, tally=tally)
