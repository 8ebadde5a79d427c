"""What is recomputed, read slice by slice; what is held of employees, and results as others hold them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.talent_assessments.queries import held_assessment
from services.assessment.talent_assessments.rules import HeldAssessment
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

CONTENT: Final = ("version", "period_kind", "starts_on", "ends_on", "hasil", "perilaku", "predikat", "document")
"""Of a score in force: all but its id."""
_OF_SCORE: Final = [f"score_{name} AS {name}" if name == "version" else name for name in CONTENT]

_RESULTS: Final = """
    SELECT employee_id, version, body::text FROM derived.result
    WHERE employee_id > $1 ORDER BY employee_id LIMIT $2
"""
# Of each period the newest version; of each day the newest per set of measured parts, which is never more than
# three rows and has all parts in force.
_SCORES: Final = f"""
    SELECT DISTINCT ON (employee_id, period_kind, starts_on) employee_id, score_id::text, {", ".join(_OF_SCORE)}
    FROM source.performance_score WHERE employee_id > $1 AND employee_id <= $2
    ORDER BY employee_id, period_kind, starts_on, score_version DESC
"""
_ASSESSMENTS: Final = """
    SELECT DISTINCT ON (employee_id, assessed_on, jpm IS NULL, potential IS NULL)
        employee_id, assessment_id AS id, assessment_version AS version, assessed_on, valid_until, jpm, potential,
        document
    FROM source.talent_assessment WHERE employee_id > $1 AND employee_id <= $2
    ORDER BY employee_id, assessed_on, jpm IS NULL, potential IS NULL, assessment_version DESC
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


class ScoresInForce(NamedTuple):
    """Of one employee: the ids, and the `CONTENT` of each."""

    ids: tuple[str, ...] = ()
    contents: tuple[tuple[Any, ...], ...] = ()


async def list_results(session: AsyncSession, after: UUID, limit: int) -> Sequence[Any]:
    """Id, version and body (JSON) of the results that follow, by id; version 0 where nothing was published."""
    rows: Sequence[Any] = await (await driver_of(session)).fetch(_RESULTS, after, limit)
    return rows


async def scores_between(session: AsyncSession, after: UUID, last: UUID) -> dict[UUID, ScoresInForce]:
    """The scores in force of everybody in between who has any."""
    found: dict[UUID, list[tuple[str, tuple[Any, ...]]]] = defaultdict(list)
    for employee_id, score_id, *content in await (await driver_of(session)).fetch(_SCORES, after, last):
        found[employee_id].append((score_id, tuple(content)))
    return {employee_id: ScoresInForce(*zip(*scores, strict=True)) for employee_id, scores in found.items()}


async def assessments_between(session: AsyncSession, after: UUID, last: UUID) -> dict[UUID, list[HeldAssessment]]:
    """The assessments, among which the parts in force are, of everybody in between who has any."""
    found: dict[UUID, list[HeldAssessment]] = defaultdict(list)
    for row in await (await driver_of(session)).fetch(_ASSESSMENTS, after, last):
        found[row["employee_id"]].append(held_assessment(row))
    return found


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
