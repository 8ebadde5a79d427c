"""All ranks of one person in one round trip, at a cost that does not grow with the number of employees."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.ranks.rules import BLOCK, SCOPES
from shared.auth.caller import Population
from shared.db.session import driver_of


def _key(template: str) -> str:
    """The name of a histogram as an expression over the person's row."""
    return (
        "'"
        + template.format(
            region="' || person.region || '",
            province="' || left(person.region, 2) || '",
            level="' || person.level || '",
        )
        + "'"
    )


# A histogram has at most 101 blocks: those above count whole, of his own only the values above his. Units are
# small: counted by index.
_RANKS: Final = f"""
    SELECT person.*, revision.number, revision.as_of, ranked.scope, ranked.above, ranked.size
    FROM derived.revision CROSS JOIN derived.folded AS person
    LEFT JOIN LATERAL (
        SELECT scope.name AS scope, counted.*
        FROM (VALUES {", ".join(f"('{scope}', {_key(template)})" for scope, template in SCOPES.items())})
            AS scope (name, key)
        CROSS JOIN LATERAL (
            SELECT sum(total) AS size, sum(CASE
                WHEN block > person.value / {BLOCK} THEN total
                WHEN block = person.value / {BLOCK}
                    THEN (SELECT coalesce(sum(one), 0) FROM unnest(counts[person.value % {BLOCK} + 2 :]) AS one)
                ELSE 0 END) AS above
            FROM derived.value_histogram AS histogram WHERE histogram.scope = scope.key
        ) AS counted
        UNION ALL
        SELECT 'unit', count(*), count(*) FILTER (WHERE colleague.value > person.value)
        FROM derived.folded AS colleague
        WHERE colleague.region = person.region AND colleague.unit_id = person.unit_id
            AND colleague.active AND colleague.value IS NOT NULL
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
) -> Sequence[Mapping[str, Any]]:
    """A row a scope, each with the person; one row with scope None for who is not ranked, none outside."""
    driver = await driver_of(session)
    rows: Sequence[Mapping[str, Any]] = await driver.fetch(_RANKS, employee_id, *population.arrays())
    return rows


async def versions_of(session: AsyncSession, employee_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """How far the folded tables are with each employee, by topic. Keys that are no employee's are left out."""
    driver = await driver_of(session)
    rows = await driver.fetch(_REACHED, [known for text in employee_ids if (known := _uuid_of(text))])
    return {
        str(row["employee_id"]): {
            "profile.employees": row["employee_version"],
            "assessment.results": row["assessment_version"],
            "placement.talents": row["version"],
        }
        for row in rows
    }


def _uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
