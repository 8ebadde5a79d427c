"""SQL of the repair: the shadow's rows, which hold the same events, take the place of those that differ."""

from collections.abc import Sequence
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.rules import NO_ACTIVE_EMPLOYEES
from services.reporting.folding.rules import Tally
from services.reporting.folding.tables import Folded, RegionTally, ValueHistogram
from services.reporting.standings.tables import Standing
from shared.db.session import driver_of

CONTENT: Final = (
    "region",
    "unit_id",
    "level",
    "active",
    "value",
    "x",
    "y",
    "box",
    "in_pool",
    "employee_version",
    "assessment_version",
)
"""Columns of a standing that follow from its state; origin and causes follow from its history."""

SUMS: Final = Tally._fields
ON_THE_BOARD: Final = ("policy_id", "rank", "index", "unranked_reason", "components")
_SUMS: Final = ", ".join(SUMS)
_ZEROS: Final = ", ".join("0" for _ in Tally._fields)

# Who has nobody left keeps a row of zeros, where the shadow never heard of anybody.
TALLIES: Final = f"(SELECT * FROM {{schema}}.region_tally WHERE ({_SUMS}) <> ({_ZEROS}))"
HISTOGRAMS: Final = """(
    SELECT scope || '#' || block AS place, total, counts FROM {schema}.value_histogram
    WHERE total <> 0 OR 0 <> ANY (counts)
)"""
BOARD: Final = f"""(
    SELECT * FROM {{schema}}.board_row WHERE unranked_reason IS DISTINCT FROM '{NO_ACTIVE_EMPLOYEES}'
)"""
# By its topic, or by what the row says itself: nothing is published that is not above that.
_TOLD: Final = """
    SELECT region, greatest(told.version, published_version) AS version
    FROM derived.board_row LEFT JOIN shadow.published AS told ON told.key = region
"""
REACHED: Final = f"""(
    SELECT region, board_row.version >= told.version AS reached
    FROM derived.board_row JOIN ({_TOLD}) AS told USING (region)
)"""
"""Whether the live row is as far as what others were told."""
ALL_REACHED: Final = "(SELECT region, true AS reached FROM derived.board_row)"

_ZERO: Final = f"""
    UPDATE derived.region_tally SET ({_SUMS}) = ROW ({_ZEROS})
    WHERE region NOT IN (SELECT region FROM shadow.region_tally)
"""
_EMPTY: Final = """
    DELETE FROM derived.value_histogram
    WHERE (scope, block) NOT IN (SELECT scope, block FROM shadow.value_histogram)
"""
_TAKE_OFF_THE_BOARD: Final = """
    DELETE FROM derived.board_row WHERE region NOT IN (SELECT region FROM derived.region_tally)
"""
_RAISE: Final = f"""
    UPDATE derived.board_row AS mine SET version = told.version + 1 FROM ({_TOLD}) AS told
    WHERE told.region = mine.region AND mine.version <= told.version
        AND (mine.version < told.version OR mine.published_version < mine.version)
"""

_BESIDE: Final = "published_version, published_at, version, revision, as_of, origin_time, causes, traceparent"
CARRY_OVER: Final = (
    "UPDATE shadow.revision SET number = live.number + 1, as_of = now() FROM derived.revision AS live",
    f"""
    UPDATE shadow.board_row AS mine SET ({_BESIDE}) = (
        SELECT {_BESIDE} FROM derived.board_row AS live WHERE live.region = mine.region
    )
    WHERE EXISTS (SELECT FROM derived.board_row AS live WHERE live.region = mine.region)
    """,
    "INSERT INTO shadow.board_row SELECT * FROM derived.board_row ON CONFLICT DO NOTHING",
    "INSERT INTO shadow.region_tally SELECT * FROM derived.region_tally ON CONFLICT DO NOTHING",
)
"""Versions that others were told, the revision that readers have seen, and the regions that have nobody left."""


async def list_regions(session: AsyncSession) -> list[str]:
    """All regions that have a tally."""
    return [row[0] for row in await (await driver_of(session)).fetch("SELECT region FROM derived.region_tally")]


async def copy_people(session: AsyncSession, table: type[Standing | Folded], employee_ids: Sequence[str]) -> None:
    """Make the rows of these people what the shadow's are; who is not there goes."""
    driver = await driver_of(session)
    name = table.__tablename__
    await driver.execute(
        f"DELETE FROM derived.{name} WHERE employee_id = ANY ($1::text[]::uuid[])"
        f" AND NOT EXISTS (SELECT FROM shadow.{name} AS kept WHERE kept.employee_id = {name}.employee_id)",
        employee_ids,
    )
    await driver.execute(_copied(table, "employee_id = ANY ($1::text[]::uuid[])"), employee_ids)


async def copy_tallies(session: AsyncSession) -> None:
    """Make the tallies what the shadow's are."""
    driver = await driver_of(session)
    await driver.execute(_ZERO)
    await driver.execute(_copied(RegionTally))


async def copy_histograms(session: AsyncSession) -> None:
    """Make the histograms what the shadow's are."""
    driver = await driver_of(session)
    await driver.execute(_EMPTY)
    await driver.execute(_copied(ValueHistogram))


async def take_off_the_board(session: AsyncSession) -> None:
    """Regions that nobody ever was in leave the board."""
    await (await driver_of(session)).execute(_TAKE_OFF_THE_BOARD)


async def raise_above_published(session: AsyncSession) -> None:
    """Rows below what others were told of them, or made again, go on above it."""
    await (await driver_of(session)).execute(_RAISE)


def _copied(table: Any, which: str = "true") -> str:
    columns = table.__table__.columns.keys()
    keys = ", ".join(table.__table__.primary_key.columns.keys())
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns)
    name = table.__tablename__
    return f"""
        INSERT INTO derived.{name} ({", ".join(columns)})
        SELECT {", ".join(columns)} FROM shadow.{name} WHERE {which} ORDER BY {keys}
        ON CONFLICT ({keys}) DO UPDATE SET {changes}
    """
