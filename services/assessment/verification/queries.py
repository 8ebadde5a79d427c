"""What is recomputed, read slice by slice; what is held of employees, and results as others hold them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.verification.rules import FIELD, ROW, Assessed, Scored
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


def _as_text(fields: Sequence[str]) -> str:
    """The rows of a group as one text, in the form of `rules`."""
    each = ", ".join(f"coalesce({field}::text, '')" for field in fields)
    return f"string_agg(concat_ws('{FIELD}', {each}), '{ROW}')"


# Of each period the newest version.
_SCORES: Final = """
    SELECT DISTINCT ON (employee_id, period_kind, starts_on) * FROM source.performance_score
    WHERE employee_id > $1 AND employee_id <= $2
    ORDER BY employee_id, period_kind, starts_on, score_version DESC
"""
_MEASURED: Final = f"""
    SELECT employee_id, version, body::text,
        coalesce(scores, ''), coalesce(score_ids, ''), coalesce(assessments, '')
    FROM (
        SELECT employee_id, version, body FROM derived.result WHERE employee_id > $1 AND employee_id <= $2
    ) AS result
    FULL JOIN (
        SELECT employee_id, {_as_text(Scored._fields)} AS scores, {_as_text(["score_id"])} AS score_ids
        FROM ({_SCORES}) AS score GROUP BY employee_id
    ) AS scored USING (employee_id)
    FULL JOIN (
        SELECT employee_id, {_as_text(Assessed._fields)} AS assessments
        FROM source.talent_assessment WHERE employee_id > $1 AND employee_id <= $2 GROUP BY employee_id
    ) AS assessed USING (employee_id)
"""
_LAST_NIP: Final = """
    SELECT max(nip), count(*) FROM (
        SELECT nip FROM derived.employee WHERE nip > $1 ORDER BY nip LIMIT $2
    ) AS page
"""
# Of several who bear one NIP for a moment the one with the highest id counts (`employees.queries.link`).
_ASTRAY: Final = """
    SELECT employee_id, registered, linked, bearer FROM (
        SELECT nip, employee_id,
            first_value(employee_id) OVER (PARTITION BY nip ORDER BY employee_id DESC) AS bearer
        FROM derived.employee WHERE nip > $1 AND nip <= $2
    ) AS employee
    LEFT JOIN (
        SELECT nip, employee_id AS linked, true AS registered FROM source.nip_subject WHERE nip > $1 AND nip <= $2
    ) AS subject USING (nip)
    WHERE registered IS NULL OR linked IS DISTINCT FROM bearer
    ORDER BY employee_id
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


async def list_measured(session: AsyncSession, after: UUID, last: UUID) -> Sequence[Any]:
    """The results in between with the scores in force and all assessments, as text; empty where there are none.

    Version 0: nothing was published. Without a version: measured, and has no result.
    """
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_MEASURED, after, last)
    return rows


async def last_nip(session: AsyncSession, after: str, limit: int) -> tuple[str | None, int]:
    """The last NIP of the `limit` employees that follow, None where there is none; and how many they are."""
    last, count = await (await driver_of(session)).fetchrow(_LAST_NIP, after, limit)
    return last, count


async def list_astray(session: AsyncSession, after: str, last: str) -> Sequence[Any]:
    """The employees in between whose NIP is not registered, or leads to somebody else than it should."""
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_ASTRAY, after, last)
    return rows


async def list_waiting(session: AsyncSession, after: int, limit: int) -> Sequence[Any]:
    """Measurements that are kept, by position; with who has arrived for one that still waits, None for nobody."""
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_WAITING, after, limit)
    return rows
