"""What is added up again, and what is held of the talents. Each function answers from one snapshot at most."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.folding.rules import Place, Tally
from services.reporting.folding.tables import RegionTally
from shared.db.session import driver_of
from shared.verification.held import Held
from shared.verification.views import TALENTS_IN_REPORTING

TALENTS: Final = Held(
    TALENTS_IN_REPORTING,
    "derived.standing",
    "version",
    {
        **{field: field for field in TALENTS_IN_REPORTING.fields if "." not in field},
        "x": "x / 10000.0",
        "y": "y / 10000.0",
        "talent_value": "value / 100.0",
        "inputs.employee": "employee_version",
        "inputs.assessment": "assessment_version",
    },
)
"""The copy of `placement.talents`."""

COPIED: Final = ("version", "contract", *Place._fields, "employee_version", "assessment_version")
"""Columns that the folded copy has in common with the standing."""
_HERE: Final = ", ".join(f"standing.{name}" for name in COPIED)
_THERE: Final = ", ".join(f"copy.{name}" for name in COPIED)
_LAST: Final = """
    SELECT max(employee_id::text)::uuid, count(*) FROM (
        SELECT employee_id FROM derived.standing WHERE employee_id > $1 ORDER BY employee_id LIMIT $2
    ) AS page
"""
# A standing that is newer than its copy bears a mark: it was written with it, and goes when it is folded.
_UNFOLDED: Final = f"""
    SELECT coalesce(standing.employee_id, copy.employee_id) AS employee_id,
        {_HERE}, {", ".join(f"copy.{name} AS copy_{name}" for name in COPIED)}
    FROM (SELECT * FROM derived.standing WHERE employee_id > $1 AND employee_id <= $2) AS standing
    FULL JOIN (SELECT * FROM derived.folded WHERE employee_id > $1 AND employee_id <= $2) AS copy
        ON copy.employee_id = standing.employee_id
    WHERE ROW({_HERE}) IS DISTINCT FROM ROW({_THERE}) AND (
        (standing.version, standing.contract) = (copy.version, copy.contract)
        OR coalesce(standing.employee_id, copy.employee_id) NOT IN (SELECT employee_id FROM derived.dirty)
    )
"""
_TALLIES: Final = """
    SELECT region, count(*), count(value), coalesce(sum(value), 0), count(x), coalesce(sum(x), 0),
        count(y), coalesce(sum(y), 0), count(box), count(*) FILTER (WHERE in_pool)
    FROM derived.folded WHERE active GROUP BY region
"""
_VALUES: Final = """
    SELECT level, value, count(*) FROM derived.folded
    WHERE region = $1 AND active AND value IS NOT NULL GROUP BY level, value
"""
_BLOCKS: Final = "SELECT scope, block, total, counts FROM derived.value_histogram WHERE scope = ANY($1::text[])"


async def last_of_page(session: AsyncSession, after: UUID, limit: int) -> tuple[UUID | None, int]:
    """The last of the `limit` standings that follow, None where there are fewer; and how many there are."""
    last, count = await (await driver_of(session)).fetchrow(_LAST, after, limit)
    return last if count == limit else None, count


async def list_unfolded(session: AsyncSession, after: UUID, last: UUID) -> Sequence[Any]:
    """Standings whose folded copy differs, and need not; the columns of the copy begin with `copy_`."""
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_UNFOLDED, after, last)
    return rows


async def add_up(session: AsyncSession) -> dict[str, Tally]:
    """The tallies of all regions that have anybody active, from the folded people."""
    return {row[0]: Tally(*row[1:]) for row in await (await driver_of(session)).fetch(_TALLIES)}


async def stored_tallies(session: AsyncSession) -> dict[str, Tally]:
    """The tallies as they stand."""
    rows = await session.exec(select(RegionTally))
    return {row.region: Tally(*(getattr(row, name) for name in Tally._fields)) for row in rows}


async def count_values(session: AsyncSession, region: str) -> list[tuple[str, int, int]]:
    """Level, value and number of the people of a region who are ranked."""
    return [tuple(row) for row in await (await driver_of(session)).fetch(_VALUES, region)]


async def read_blocks(session: AsyncSession, scopes: Collection[str]) -> list[tuple[str, int, int, list[int]]]:
    """Scope, block, total and counts of these histograms."""
    return [tuple(row) for row in await (await driver_of(session)).fetch(_BLOCKS, list(scopes))]


async def list_scopes(session: AsyncSession) -> set[str]:
    """The names of all histograms."""
    rows = await (await driver_of(session)).fetch("SELECT DISTINCT scope FROM derived.value_histogram")
    return {row[0] for row in rows}
