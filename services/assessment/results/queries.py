"""SQL of the published results and of the history behind them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.employees.tables import Employee
from services.assessment.performance.queries import held_score
from services.assessment.results.rules import Held
from services.assessment.results.schemas import HistoryEntry
from services.assessment.results.tables import Result
from services.assessment.talent_assessments.queries import held_assessment
from shared.auth.caller import Population, covered
from shared.db.session import driver_of
from shared.http.after import ids_among
from shared.kafka.topics import EMPLOYEES, RESULTS
from shared.outbox.append import Overtaken, Write, provide

_ENTRY: Final[TypeAdapter[HistoryEntry]] = TypeAdapter(HistoryEntry)

# Makes what is missing and locks what is there (`DO UPDATE` locks, `WHERE false` writes nothing), in one order.
_LOCK: Final = """
    INSERT INTO derived.result AS held (employee_id, version, body, changed_at)
    SELECT employee_id, 0, '{}', clock_timestamp() FROM unnest($1::uuid[]) AS employee_id ORDER BY employee_id
    ON CONFLICT (employee_id) DO UPDATE SET version = held.version WHERE false
"""
# Of each period the newest version; of each day the newest per set of measured parts, which is never more than
# three rows and has all parts in force. `employees` is an array of ids.
_MEASURED: Final = """
    (
        SELECT DISTINCT ON (employee_id, period_kind, starts_on)
            employee_id, 'performance-score', score_id, score_version, NULL, document,
            period_kind, starts_on, ends_on, hasil, perilaku, predikat, NULL, NULL, NULL, NULL, NULL
        FROM source.performance_score WHERE employee_id = ANY({employees})
        ORDER BY employee_id, period_kind, starts_on, score_version DESC
    )
    UNION ALL
    (
        SELECT DISTINCT ON (employee_id, assessed_on, jpm IS NULL, potential IS NULL)
            employee_id, 'talent-assessment', assessment_id, assessment_version, NULL, document,
            NULL, NULL, NULL, NULL, NULL, NULL, assessed_on, valid_until, jpm, potential, NULL
        FROM source.talent_assessment WHERE employee_id = ANY({employees})
        ORDER BY employee_id, assessed_on, jpm IS NULL, potential IS NULL, assessment_version DESC
    )
"""
_UNMEASURED: Final = """
    NULL::text AS document, NULL::text AS period_kind, NULL::date AS starts_on, NULL::date AS ends_on,
    NULL::text AS hasil, NULL::text AS perilaku, NULL::text AS predikat,
    NULL::date AS assessed_on, NULL::date AS valid_until, NULL::numeric AS jpm, NULL::numeric AS potential
"""
_HELD: Final = f"""
    SELECT employee_id, NULL AS kind, NULL::uuid AS id, version, NULL::text AS nip, {_UNMEASURED},
        NULL::xid AS written
    FROM derived.result WHERE employee_id = ANY($1::uuid[])
    UNION ALL
    {_MEASURED.format(employees="$1::uuid[]")}
"""
_BEARER: Final = f"""
    WITH bearer AS MATERIALIZED (
        SELECT subject.nip, result.employee_id, result.version, result.xmin AS written
        FROM source.nip_subject AS subject
        JOIN derived.employee AS employee USING (employee_id)
        JOIN derived.result AS result USING (employee_id)
        WHERE subject.nip = ANY($1::text[]) AND {covered("employee")}
    )
"""
# All are locked or none, so that who gets none may begin again with locks that come before these. The lock waits
# for what others write meanwhile, which the statement does not see: then the row is another than the one it saw.
_HOLD: Final = f"""
    {_BEARER}, locked AS MATERIALIZED (
        SELECT employee_id, xmin AS written FROM derived.result
        WHERE employee_id = ANY(ARRAY(SELECT employee_id FROM bearer))
            AND (SELECT count(*) FROM bearer) = cardinality($1::text[])
        ORDER BY employee_id FOR NO KEY UPDATE
    )
    SELECT employee_id, CASE WHEN locked.written = bearer.written THEN NULL ELSE 'outdated' END AS kind,
        NULL::uuid AS id, bearer.version, bearer.nip, {_UNMEASURED}, NULL::xid
    FROM bearer JOIN locked USING (employee_id)
    UNION ALL
    {_MEASURED.format(employees="ARRAY(SELECT employee_id FROM locked)")}
"""
_LOOK: Final = f"""
    {_BEARER}
    SELECT employee_id, NULL AS kind, NULL::uuid AS id, version, nip, {_UNMEASURED}, written FROM bearer
    UNION ALL
    {_MEASURED.format(employees="ARRAY(SELECT employee_id FROM bearer)")}
"""
# Waits for whoever writes them, and is not true then.
_UNWRITTEN: Final = """
    SELECT count(*) = cardinality($1::uuid[]) FROM (
        SELECT FROM derived.result AS held
        JOIN unnest($1::uuid[], $2::xid[]) AS seen (employee_id, written)
            ON held.employee_id = seen.employee_id AND held.xmin = seen.written
        ORDER BY held.employee_id FOR NO KEY UPDATE OF held
    ) AS unwritten
"""
# So that who has read the measurements notices that there is one more, though the state is the same.
_TOUCH: Final = "UPDATE derived.result SET version = version WHERE employee_id = ANY($1::uuid[])"
# Beside the states, as `outgoing`.
_STORE: Final = """
    UPDATE derived.result AS held
    SET version = outgoing.version, changed_at = clock_timestamp(),
        body = convert_from(outgoing.payload, 'UTF8')::jsonb - '{version,employee_id}'::text[]
    FROM outgoing WHERE held.employee_id = outgoing.key::uuid
"""
_PUBLISHED: Final = """
    SELECT employee_id, version, body::text, changed_at FROM derived.result
    WHERE employee_id = ANY($1::uuid[]) AND version > 0 ORDER BY employee_id
"""

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


_OUTDATED: Final = "outdated"
STORE_STATES: Final = Write(_STORE, ())
"""Give each locked result the content of its state, in the statement that publishes it."""


def touching(employee_ids: Collection[UUID]) -> Write:
    """Write the results of these employees as they are, for those who wait for the lock."""
    return Write(_TOUCH, (list(employee_ids),))


class Holding(NamedTuple):
    """Who bears the NIPs of a request, and what is held of each: read after the lock, as `read_held`."""

    bearers: dict[str, UUID]
    held: dict[UUID, Held]


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


async def hold_results(session: AsyncSession, nips: Collection[str], population: Population) -> Holding | None:
    """Lock and read the results of those who bear these NIPs.

    None, and no lock, unless each is borne by somebody in the population of whom there are results. The NIPs need
    no lock: that of a result orders measurements, and one for a NIP which passes to somebody else meanwhile came
    before.
    """
    rows = await (await driver_of(session)).fetch(_HOLD, list(nips), *population.arrays())
    bearers = {row["nip"]: row["employee_id"] for row in rows if row["nip"] is not None}
    if not bearers:
        return None
    employee_ids = set(bearers.values())
    if any(row["kind"] == _OUTDATED for row in rows):
        return Holding(bearers, await read_held(session, employee_ids))
    return Holding(bearers, _held_in(rows, employee_ids))


async def look_at_results(session: AsyncSession, nips: Collection[str], population: Population) -> Holding:
    """As `hold_results`, for an attempt: locked when it writes, provided that nobody has written them since.

    Raises Overtaken where `hold_results` answers None: what follows then takes locks.
    """
    rows = await (await driver_of(session)).fetch(_LOOK, list(nips), *population.arrays())
    seen = [row for row in rows if row["nip"] is not None]
    if len(seen) < len(nips):
        raise Overtaken
    bearers = {row["nip"]: row["employee_id"] for row in seen}
    provide(session, Write(_UNWRITTEN, (list(bearers.values()), [row["written"] for row in seen])))
    return Holding(bearers, _held_in(rows, bearers.values()))


async def read_held(session: AsyncSession, employee_ids: Collection[UUID]) -> dict[UUID, Held]:
    """What is held of each of these employees. Who is to change it asks after the lock, by itself."""
    rows = await (await driver_of(session)).fetch(_HELD, list(employee_ids))
    return _held_in(rows, employee_ids)


def _held_in(rows: Iterable[Any], employee_ids: Iterable[UUID]) -> dict[UUID, Held]:
    held = {employee_id: Held() for employee_id in employee_ids}
    for row in rows:
        of_employee = held[row["employee_id"]]
        match row["kind"]:
            case "performance-score":
                score = held_score(row)
                of_employee.scores[score.score.period] = score
            case "talent-assessment":
                of_employee.assessments.append(held_assessment(row))
            case _:
                of_employee.version = row["version"]
    return held


async def list_published(
    session: AsyncSession, employee_ids: Collection[UUID]
) -> list[tuple[UUID, int, str, datetime]]:
    """Id, version, body (JSON) and time of the results of these employees that were ever published, by id."""
    rows = await (await driver_of(session)).fetch(_PUBLISHED, list(employee_ids))
    return [tuple(row) for row in rows]


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
