"""All ranks of one person in one round trip, at a cost that does not grow with the number of employees."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.ranks.rules import BLOCK, BY_BLOCK, SCOPES, Scope
from shared.auth.caller import Population, covered
from shared.db.session import driver_of
from shared.http.after import ids_among
from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS


def scope_names(row: str) -> dict[Scope, str]:
    """`ranks.rules.scopes_of` as expressions over the columns region and level of `row`."""
    return names_from(region=f"{row}.region", province=f"left({row}.region, 2)", level=f"{row}.level")


def names_from(**columns: str) -> dict[Scope, str]:
    """The same over any expressions of region, province and level. Where one is NULL, so is the name."""
    inserted = {name: f"' || {column} || '" for name, column in columns.items()}
    return {scope: f"'{template.format(**inserted)}'" for scope, template in SCOPES.items()}


_NAMES: Final = scope_names("person")
_SCOPES: Final = ", ".join(f"('{scope}', {_NAMES[scope]})" for scope in Scope if scope is not Scope.LEVEL)
_PERSON: Final = ", ".join(
    f"person.{name}"
    for name in (
        *("employee_id", "region", "unit_id", "level", "active", "value", "box"),
        *("employee_version", "assessment_version", "version", "origin_time", "causes", "folded_at"),
    )
)

# How many stand above somebody in the blocks of higher values, and by the higher values of the own block.
_HIGHER: Final = f"counts[person.value % {BLOCK} + 2 :]"
_IN_HIGHER_BLOCKS: Final = f"counts[person.value / {BLOCK} + 2 :]"
# Two rows of a histogram tell it; a level of a region is read block by block. Units are small: counted by index.
_RANKS: Final = f"""
    SELECT {_PERSON}, revision.number, revision.as_of, ranked.*
    FROM derived.revision CROSS JOIN derived.folded AS person
    LEFT JOIN LATERAL (
        SELECT array_agg(scope) AS scopes, array_agg(above) AS above, array_agg(size) AS sizes
        FROM (
            SELECT scope.name AS scope, blocks.total AS size, (
                SELECT coalesce(sum(one), 0)
                FROM (SELECT unnest(blocks.{_IN_HIGHER_BLOCKS} || own.{_HIGHER}) AS one) AS higher
            ) AS above
            FROM (VALUES {_SCOPES}) AS scope (name, key)
            JOIN derived.value_histogram AS blocks ON blocks.scope = '{BY_BLOCK}' || scope.key AND blocks.block = 0
            JOIN derived.value_histogram AS own ON own.scope = scope.key AND own.block = person.value / {BLOCK}
            UNION ALL
            SELECT '{Scope.LEVEL}', sum(total), sum(CASE
                WHEN block > person.value / {BLOCK} THEN total
                WHEN block = person.value / {BLOCK} THEN (
                    SELECT coalesce(sum(one), 0)::integer FROM (SELECT unnest({_HIGHER}) AS one) AS higher
                )
                ELSE 0 END)
            FROM derived.value_histogram WHERE scope = {_NAMES[Scope.LEVEL]}
            UNION ALL
            SELECT 'unit', count(*), count(*) FILTER (WHERE colleague.value > person.value)
            FROM derived.folded AS colleague
            WHERE colleague.region = person.region AND colleague.unit_id = person.unit_id
                AND colleague.active AND colleague.value IS NOT NULL
        ) AS each
    ) AS ranked ON person.active AND person.value IS NOT NULL
    WHERE person.employee_id = $1 AND {covered("person")}
"""

_REACHED: Final = """
    SELECT employee_id, employee_version, assessment_version, version
    FROM derived.folded WHERE employee_id = ANY ($1::uuid[])
"""


async def find_ranks(
    session: AsyncSession,
    employee_id: UUID,
    population: Population,
) -> Mapping[str, Any] | None:
    """The person and, in `scopes`, `above` and `sizes`, where he stands; these are None for who is not ranked.

    None for who is outside the population, or does not exist.
    """
    driver = await driver_of(session)
    found: Mapping[str, Any] | None = await driver.fetchrow(_RANKS, employee_id, *population.arrays())
    return found


async def versions_of(session: AsyncSession, employee_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """How far the folded tables are with each employee, by topic. Keys that are no employee's are left out."""
    driver = await driver_of(session)
    rows = await driver.fetch(_REACHED, ids_among(employee_ids))
    return {
        str(row["employee_id"]): {
            EMPLOYEES.name: row["employee_version"],
            RESULTS.name: row["assessment_version"],
            TALENTS.name: row["version"],
        }
        for row in rows
    }
