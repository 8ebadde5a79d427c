"""The people of a region with the highest values, read from its index, and the revision that they belong to."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of

# A rank inside the first rows is the rank among all: nobody stands above the first.
_TOP: Final = """
    SELECT revision.number, revision.as_of, coalesce(tally.with_value, 0) AS size, first.*
    FROM derived.revision
    LEFT JOIN derived.region_tally AS tally ON tally.region = $1
    LEFT JOIN (
        SELECT rank() OVER (ORDER BY value DESC) AS rank, employee_id, unit_id, level, value, box
        FROM (
            SELECT employee_id, unit_id, level, value, box
            FROM derived.folded WHERE region = $1 AND active AND value IS NOT NULL
            ORDER BY value DESC, employee_id LIMIT $2
        ) AS highest
    ) AS first ON true
    ORDER BY first.value DESC, first.employee_id
"""


async def read_top(session: AsyncSession, region: str, limit: int) -> Sequence[Mapping[str, Any]]:
    """The first `limit` of the region in order, each with the revision; one row without a person for nobody."""
    driver = await driver_of(session)
    rows: Sequence[Mapping[str, Any]] = await driver.fetch(_TOP, region, limit)
    return rows
