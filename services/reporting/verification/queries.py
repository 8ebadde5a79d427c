"""What is added up again, and what is held of the talents. Each function answers from one snapshot at most."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.folding.rules import Place, Tally
from services.reporting.folding.tables import RegionTally
from services.reporting.ranks.rules import BLOCK, BY_BLOCK, NOT_BY_BLOCK
from services.reporting.verification.rules import Cell, Counted
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


_WITH_BLOCKS: Final = f"ARRAY(SELECT unnest(ARRAY['', '{BY_BLOCK}']) || name FROM unnest({{}}) AS name)"
"""These names, and those of the rows of their blocks."""


def _cells(scopes: str) -> str:
    """How many have which value, by the histograms of these names; or which block, by the rows of the blocks."""
    return f"""
        SELECT scope, {BLOCK} * block + place - 1 AS value, number
        FROM derived.value_histogram CROSS JOIN unnest(counts) WITH ORDINALITY AS one (number, place)
        WHERE number <> 0 AND scope = ANY({scopes})
    """


def _miscounted(expected: str) -> str:
    """Where the histograms $2, or the rows of their blocks, say otherwise."""
    return f"""
        WITH expected AS MATERIALIZED ({expected}), with_blocks AS (
            SELECT * FROM expected UNION ALL
            SELECT '{BY_BLOCK}' || scope, value / {BLOCK}, sum(number)::bigint
            FROM expected WHERE scope NOT LIKE '{NOT_BY_BLOCK}' GROUP BY scope, value / {BLOCK}
        )
        SELECT scope, value, coalesce(expected.number, 0), coalesce(stored.number, 0)
        FROM with_blocks AS expected
        FULL JOIN ({_cells(_WITH_BLOCKS.format("$2::text[]"))}) AS stored USING (scope, value)
        WHERE expected.number IS DISTINCT FROM stored.number
    """


# Added up where they lie: as many values as there are people would come out of the database otherwise.
_OF_PEOPLE: Final = _miscounted("""
    SELECT counting.scope, value, count(*) AS number
    FROM derived.folded JOIN unnest($1::text[], $2::text[]) AS counting (level, scope) USING (level)
    WHERE region = $3 AND active AND value IS NOT NULL GROUP BY counting.scope, value
""")
_OF_PARTS: Final = _miscounted(f"""
    SELECT counting.scope, value, sum(number) AS number
    FROM ({_cells("$1::text[]")}) AS part
    JOIN unnest($1::text[], $2::text[]) AS counting (part, scope) ON counting.part = part.scope
    GROUP BY counting.scope, value
""")
# Most counts are 0, and one by one these cost as much as any other.
_TOTALS: Final = f"""
    SELECT scope, block,
        (SELECT coalesce(sum(number), 0) FROM unnest(array_remove(counts, 0)) AS number) AS counted, total
    FROM derived.value_histogram WHERE scope = ANY({_WITH_BLOCKS.format("$1::text[]")})
"""
_HISTOGRAMS: Final = f"""
    SELECT DISTINCT CASE WHEN scope LIKE '{BY_BLOCK}%' THEN substr(scope, {len(BY_BLOCK) + 1}) ELSE scope END
    FROM derived.value_histogram
"""
_MISTOTALLED: Final = f"SELECT * FROM ({_TOTALS}) AS block WHERE counted <> total"


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


async def list_miscounted(session: AsyncSession, counting: Collection[Counted], region: str) -> list[Cell]:
    """Scope, value, number of people of a region by their levels and by the histograms, where these differ."""
    return await _cells_of(session, _OF_PEOPLE, *_columns(counting), region)


async def list_misadded(session: AsyncSession, counting: Collection[Counted]) -> list[Cell]:
    """The same of histograms that are the sums of others."""
    return await _cells_of(session, _OF_PARTS, *_columns(counting))


async def list_mistotalled(session: AsyncSession, scopes: Collection[str]) -> list[Cell]:
    """Scope, block, sum of its counts and its total, where these differ; of the rows of the blocks too."""
    return await _cells_of(session, _MISTOTALLED, scopes)


def _columns(counting: Collection[Counted]) -> tuple[list[str], list[str]]:
    return [part for part, _ in counting], [scope for _, scope in counting]


async def _cells_of(session: AsyncSession, statement: str, *given: Any) -> list[Cell]:
    return [tuple(row) for row in await (await driver_of(session)).fetch(statement, *given)]


async def list_scopes(session: AsyncSession) -> set[str]:
    """The names of all histograms."""
    rows = await (await driver_of(session)).fetch(_HISTOGRAMS)
    return {row[0] for row in rows}
