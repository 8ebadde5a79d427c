"""All ranks of one person in one round trip, at a cost that does not grow with the number of employees."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.ranks.rules import BLOCK, SCOPES, Scope
from shared.auth.caller import Population
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


_SCOPES: Final = ", ".join(f"('{scope}', {name})" for scope, name in scope_names("person").items())
_PERSON: Final = ", ".join(
    f"person.{name}"
    for name in (
        *("employee_id", "region", "unit_id", "level", "active", "value", "box"),
        *("employee_version", "assessment_version", "version", "origin_time", "causes", "folded_at"),
    )
)

# A histogram has at most 101 blocks: those above count whole, of his own only the values above his. Units are
# small: counted by index.
_RANKS: Final = f"""
    SELECT {_PERSON}, revision.number, revision.as_of, ranked.*
    FROM derived.revision CROSS JOIN derived.folded AS person
    LEFT JOIN LATERAL (
        SELECT array_agg(scope) AS scopes, array_agg(above) AS above, array_agg(size) AS sizes
        FROM (
            SELECT scope.name AS scope, counted.*
            FROM (VALUES {_SCOPES}) AS scope (name, key)
            CROSS JOIN LATERAL (
                SELECT sum(CASE
                    WHEN block > person.value / {BLOCK} THEN total
                    WHEN block = person.value / {BLOCK} THEN (
                        SELECT coalesce(sum(one), 0)::integer
                        FROM unnest(counts[person.value % {BLOCK} + 2 :]) AS one
                    )
                    ELSE 0 END) AS above, sum(total) AS size
                FROM derived.value_histogram AS histogram WHERE histogram.scope = scope.key
            ) AS counted
            UNION ALL
            SELECT 'unit', count(*) FILTER (WHERE colleague.value > person.value), count(*)
            FROM derived.folded AS colleague
            WHERE colleague.region = person.region AND colleague.unit_id = person.unit_id
                AND colleague.active AND colleague.value IS NOT NULL
        ) AS each
    ) AS ranked ON person.active AND person.value IS NOT NULL
    WHERE person.employee_id = $1 AND (
        person.region = ANY ($2::text[]) OR left(person.region, 2) = ANY ($3::text[])
        OR person.unit_id = ANY ($4::text[]) OR person.employee_id = $5
    )
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
