"""SQL of the published results and of the history behind them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.employees.tables import Employee
from services.assessment.results.schemas import HistoryEntry
from services.assessment.results.tables import Result
from shared.auth.caller import Population
from shared.db.session import driver_of
from shared.http.after import ids_among
from shared.kafka.topics import EMPLOYEES, RESULTS

_ENTRY: Final[TypeAdapter[HistoryEntry]] = TypeAdapter(HistoryEntry)

# Makes what is missing and locks what is there (`DO UPDATE` locks, `WHERE false` writes nothing), in one order.
_LOCK: Final = """
    INSERT INTO derived.result AS held (employee_id, version, body, changed_at)
    SELECT employee_id, 0, '{}', clock_timestamp() FROM unnest($1::uuid[]) AS employee_id ORDER BY employee_id
    ON CONFLICT (employee_id) DO UPDATE SET version = held.version WHERE false
"""
# The rows are locked, so that the statement's snapshot is the newest: what did not change stands in it.
_STORE: Final = """
    WITH changed AS (
        UPDATE derived.result AS held
        SET version = held.version + 1, body = new.body, changed_at = clock_timestamp()
        FROM unnest($1::uuid[], $2::text[]::jsonb[]) AS new (employee_id, body)
        WHERE held.employee_id = new.employee_id AND held.body IS DISTINCT FROM new.body
        RETURNING held.employee_id, held.version
    )
    SELECT employee_id, coalesce(changed.version, held.version) AS version, changed.version IS NOT NULL AS changed
    FROM derived.result AS held LEFT JOIN changed USING (employee_id)
    WHERE employee_id = ANY($1::uuid[])
"""
_VERSIONS: Final = "SELECT employee_id, version FROM derived.result WHERE employee_id = ANY($1::uuid[])"

# Each branch stops at the limit by itself, so that a page costs the same however long the history is.
_HISTORY: Final = """
    (
        SELECT 'performance-score' AS kind, score_id AS id, score_version AS version,
            accepted_at, submitted_by, document,
            period_kind, starts_on, ends_on, hasil, perilaku, predikat,
            NULL::date AS assessed_on, NULL::date AS valid_until, NULL::numeric AS jpm, NULL::numeric AS potential
        FROM source.performance_score
        WHERE employee_id = $1 AND ($2::timestamptz IS NULL OR (accepted_at, score_id) < ($2, $3::uuid))
        ORDER BY accepted_at DESC, score_id DESC LIMIT $4
    )
    UNION ALL
    (
        SELECT 'talent-assessment', assessment_id, assessment_version, accepted_at, submitted_by, document,
            NULL, NULL, NULL, NULL, NULL, NULL, assessed_on, valid_until, jpm, potential
        FROM source.talent_assessment
        WHERE employee_id = $1 AND ($2::timestamptz IS NULL OR (accepted_at, assessment_id) < ($2, $3::uuid))
        ORDER BY accepted_at DESC, assessment_id DESC LIMIT $4
    )
    ORDER BY accepted_at DESC, id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The version of a result after storing, and whether storing made it."""

    version: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A result as published; version 0 where nothing was."""

    version: int
    body: dict[str, Any]


class HistoryKey(NamedTuple):
    """The place of an entry in the history, latest first."""

    accepted_at: datetime
    id: UUID


async def lock_results(session: AsyncSession, employee_ids: Collection[UUID]) -> None:
    """Lock the results of these employees, made where missing. Whatever changes a measurement does so first."""
    driver = await driver_of(session)
    await driver.execute(_LOCK, sorted(set(employee_ids)))


async def store_bodies(session: AsyncSession, bodies: Mapping[UUID, str]) -> dict[UUID, Stored]:
    """Give each locked result the body (JSON), at a new version where that differs from what it has."""
    driver = await driver_of(session)
    rows = await driver.fetch(_STORE, list(bodies), list(bodies.values()))
    return {row["employee_id"]: Stored(row["version"], row["changed"]) for row in rows}


async def read_versions(session: AsyncSession, employee_ids: Collection[UUID]) -> dict[UUID, int]:
    """The version of each result."""
    driver = await driver_of(session)
    rows = await driver.fetch(_VERSIONS, list(employee_ids))
    return {row["employee_id"]: row["version"] for row in rows}


async def find_result(session: AsyncSession, employee_id: UUID, population: Population) -> Published | None:
    """The results of an employee who has arrived and lies in the population."""
    statement = (
        select(col(Result.version), col(Result.body))
        .select_from(Employee)
        .join(Result, col(Result.employee_id) == Employee.employee_id, isouter=True)
        .where(
            col(Employee.employee_id) == employee_id,
            population.condition(Employee.region, Employee.unit_id, Employee.employee_id),
        )
    )
    row = (await session.exec(statement)).one_or_none()
    return None if row is None else Published(row[0] or 0, row[1] or {})


async def versions_of(session: AsyncSession, employee_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """How far each employee is here, by topic. Keys that are no employee's are left out."""
    statement = (
        select(col(Employee.employee_id), col(Employee.version), col(Result.version))
        .join(Result, col(Result.employee_id) == Employee.employee_id, isouter=True)
        .where(col(Employee.employee_id).in_(ids_among(employee_ids)))
    )
    return {
        str(employee_id): {EMPLOYEES.name: employee, RESULTS.name: result or 0}
        for employee_id, employee, result in await session.exec(statement)
    }


async def list_history(
    session: AsyncSession,
    employee_id: UUID,
    after: HistoryKey | None,
    limit: int,
) -> list[HistoryEntry]:
    """Up to `limit` entries that follow `after`."""
    driver = await driver_of(session)
    rows = await driver.fetch(_HISTORY, employee_id, *(after or (None, None)), limit)
    return [_ENTRY.validate_python(dict(row)) for row in rows]
