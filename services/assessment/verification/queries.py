"""What is recomputed, read slice by slice; what is held of employees, and results as others hold them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of
from shared.verification.held import Held
from shared.verification.views import EMPLOYEES_IN_ASSESSMENT, RESULTS_IN_PLACEMENT

EMPLOYEES: Final = Held(
    EMPLOYEES_IN_ASSESSMENT,
    "derived.employee",
    "version",
    {"nip": "nip", "region": "region", "unit_id": "unit_id"},
)
"""The copy of `profile.employees`."""
VIEWS: Final = (
    Held(
        RESULTS_IN_PLACEMENT,
        "derived.result",
        "version",
        {name: f"body -> '{name}'" for name in RESULTS_IN_PLACEMENT.fields},
    ),
)
"""For each follower of `assessment.results`."""

_RESULTS: Final = """
    SELECT employee_id, version, body::text FROM derived.result
    WHERE employee_id > $1 ORDER BY employee_id LIMIT $2
"""
# Whose measurements lie between two results and have none: the indexes of the measurements lead with the employee.
_WITHOUT_RESULT: Final = """
    SELECT employee_id FROM (
        SELECT employee_id FROM source.performance_score WHERE employee_id > $1 AND employee_id <= $2
        UNION SELECT employee_id FROM source.talent_assessment WHERE employee_id > $1 AND employee_id <= $2
    ) AS measured
    WHERE NOT EXISTS (SELECT FROM derived.result WHERE result.employee_id = measured.employee_id)
"""
# Of several who bear one NIP for a moment the one with the highest id counts (`employees.queries.link`).
_LINKS: Final = """
    SELECT employee.employee_id, subject.nip IS NOT NULL AS registered, subject.employee_id AS linked, (
        SELECT other.employee_id FROM derived.employee AS other
        WHERE other.nip = employee.nip ORDER BY other.employee_id DESC LIMIT 1
    ) AS bearer
    FROM (
        SELECT employee_id, nip FROM derived.employee WHERE employee_id > $1 ORDER BY employee_id LIMIT $2
    ) AS employee
    LEFT JOIN source.nip_subject AS subject ON subject.nip = employee.nip
"""
_WAITING: Final = """
    SELECT position, kind, employee.employee_id FROM (
        SELECT position, kind, nip, state, expires_at FROM source.unmatched
        WHERE position > $1 ORDER BY position LIMIT $2
    ) AS kept
    LEFT JOIN source.nip_subject AS subject ON subject.nip = kept.nip AND kept.state = 'WAITING'
        AND kept.expires_at > clock_timestamp()
    LEFT JOIN derived.employee AS employee ON employee.employee_id = subject.employee_id
    ORDER BY position
"""


async def list_results(session: AsyncSession, after: UUID, limit: int) -> Sequence[Any]:
    """Id, version and body (JSON) of the results that follow, by id; version 0 where nothing was published."""
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_RESULTS, after, limit)
    return rows


async def list_without_result(session: AsyncSession, after: UUID, last: UUID) -> list[UUID]:
    """Employees in between of whom something was measured, and who have no result."""
    return [row[0] for row in await (await driver_of(session)).fetch(_WITHOUT_RESULT, after, last)]


async def list_links(session: AsyncSession, after: UUID, limit: int) -> Sequence[Any]:
    """For the employees that follow: whether the NIP is registered, to whom it leads, and to whom it should."""
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_LINKS, after, limit)
    return sorted(rows, key=lambda row: row["employee_id"])


async def list_waiting(session: AsyncSession, after: int, limit: int) -> Sequence[Any]:
    """Measurements that are kept, by position; with who has arrived for one that still waits, None for nobody."""
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_WAITING, after, limit)
    return rows
