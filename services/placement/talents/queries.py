"""SQL of the talents: the bulk statements of the projection, and what routes read.

Bulk statements take arrays on the driver's own connection, inside the session's transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter, itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.talents.tables import Talent, in_region, visible_to
from shared.auth.caller import Population, covered
from shared.db.session import driver_of
from shared.events.envelope import Cause
from shared.events.placement import TalentState
from shared.http.after import ids_among
from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS
from shared.outbox.append import Write

TODAY: Final = "(now() AT TIME ZONE 'Asia/Jakarta')::date"
"""The database's day where these governments are; processes' clocks decide nothing."""

CONTENT: Final = {
    "region": "text",
    "unit_id": "text",
    "level": "text",
    "active": "boolean",
    "predikat": "text",
    "x": "numeric",
    "y": "numeric",
    "talent_value": "numeric",
    "box": "smallint",
    "no_box_reasons": "text[]",
    "eligible": "boolean",
    "vetoes": "text[]",
    "in_pool": "boolean",
    "policy_id": "text",
}
"""Result columns that are published, and their types."""
_BESIDE: Final = {
    "version": "bigint",
    "evaluated_on": "date",
    "next_change_on": "date",
    "origin_time": "timestamptz",
    "causes": "text[]",
}
_WRITTEN: Final = {"employee_id": "uuid", **CONTENT, **_BESIDE}
_OF_STATE: Final = attrgetter("employee_id", *CONTENT, "version", "evaluated_on")
"""What is written of a published state; the rest of `_WRITTEN` stands beside it."""


class Arrival(NamedTuple):
    """The newest input of one kind for one employee that a batch brought."""

    document: str | None
    version: int
    contract: int


_NOTHING: Final = Arrival(None, 0, 0)
"""Never newer than what is there."""
_INPUTS: Final = (
    "employee, employee_version, employee_contract, assessment, assessment_version, assessment_contract"
)


def _newer(kind: str) -> str:
    return f"(excluded.{kind}_version, excluded.{kind}_contract) > (t.{kind}_version, t.{kind}_contract)"


def _taken(kind: str) -> str:
    names = [f"{kind}{suffix}" for suffix in ("", "_version", "_contract")]
    return ", ".join(f"{name} = CASE WHEN {_newer(kind)} THEN excluded.{name} ELSE t.{name} END" for name in names)


def _unmoved(kind: str) -> str:
    """The input as text where it is not the one that has just arrived, which the caller has at hand."""
    moved = f"(old.{kind}_version, old.{kind}_contract) IS DISTINCT FROM (t.{kind}_version, t.{kind}_contract)"
    return f"CASE WHEN {moved} THEN NULL ELSE t.{kind}::text END AS {kind}"


_VERSIONS: Final = (
    "t.employee_id, t.employee_version, t.employee_contract, t.assessment_version, t.assessment_contract,"
    f" t.version, greatest(t.evaluated_on, {TODAY}) AS day"
)
# Sorted, so that two batches lock the rows they share in the same order. A row that brings nothing newer is not
# returned, and so makes no version and no event.
_TAKE_IN: Final = f"""
    INSERT INTO derived.talent AS t (employee_id, {_INPUTS})
    SELECT employee_id, employee::jsonb, employee_version, employee_contract,
        assessment::jsonb, assessment_version, assessment_contract
    FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::int[], $5::text[], $6::bigint[], $7::int[])
        AS arrived (employee_id, {_INPUTS})
    ORDER BY employee_id
    ON CONFLICT (employee_id) DO UPDATE SET {_taken("employee")}, {_taken("assessment")}
    WHERE {_newer("employee")} OR {_newer("assessment")}
    RETURNING {_VERSIONS}, {_unmoved("employee")}, {_unmoved("assessment")}, t.employee IS NULL AS waits,
        CASE WHEN t.version = 0 THEN t.causes ELSE '{{}}' END AS waited,
        coalesce(old.employee_version, 0) AS known_employee_version,
        coalesce(old.employee_contract, 0) AS known_employee_contract,
        coalesce(old.assessment_version, 0) AS known_assessment_version,
        coalesce(old.assessment_contract, 0) AS known_assessment_contract
"""


async def take_in(
    session: AsyncSession,
    arrivals: Mapping[UUID, tuple[Arrival | None, Arrival | None]],
) -> list[Any]:
    """Upsert inputs (employee, assessment) by version and lock the rows that moved, which are returned by key.

    A row holds the one input that did not move, as text.
    """
    columns: list[Any] = [list(arrivals)]
    for kind in (0, 1):
        columns += zip(*[pair[kind] or _NOTHING for pair in arrivals.values()], strict=True)
    return sorted(await (await driver_of(session)).fetch(_TAKE_IN, *columns), key=itemgetter("employee_id"))


async def lock(session: AsyncSession, employee_ids: Iterable[UUID]) -> list[Any]:
    """The rows of known employees, locked, by key."""
    statement = f"""
        SELECT {_VERSIONS}, t.employee::text, t.assessment::text, {", ".join(f"t.{name}" for name in CONTENT)}
        FROM derived.talent AS t
        WHERE employee_id = ANY($1::uuid[]) AND employee IS NOT NULL ORDER BY employee_id FOR UPDATE
    """
    rows: list[Any] = await (await driver_of(session)).fetch(statement, list(employee_ids))
    return rows


_SENT_AS: Final = {"text[]": "text", "numeric": "text"}
"""Arrays of arrays would be taken apart, and the driver is slow with decimals."""


def _assigned(name: str) -> str:
    kind = _WRITTEN[name]
    # Codes and causes have no comma.
    return f"{name} = string_to_array(r.{name}, ',')" if kind.endswith("[]") else f"{name} = r.{name}::{kind}"


_WRITE: Final = f"""
    UPDATE derived.talent AS t
    SET {", ".join(_assigned(name) for name in _WRITTEN if name != "employee_id")}, computed_at = clock_timestamp()
    FROM unnest({", ".join(f"${n}::{_SENT_AS.get(kind, kind)}[]" for n, kind in enumerate(_WRITTEN.values(), 1))})
        AS r ({", ".join(_WRITTEN)})
    WHERE t.employee_id = r.employee_id
"""


class Result(NamedTuple):
    """What follows for one employee: the state to publish, when it changes by itself, and what led to it."""

    state: TalentState
    next_change_on: date | None
    cause: Cause


def writing(results: Sequence[Result]) -> Write:
    """The write of results to rows that the transaction has locked."""
    rows = [(*_OF_STATE(state), day, cause.origin_time, cause.causes) for state, day, cause in results]
    columns = zip(_WRITTEN.values(), zip(*rows, strict=True), strict=True)
    return Write(_WRITE, [_sent(kind, column) for kind, column in columns])


def _sent(kind: str, column: Sequence[Any]) -> Sequence[Any]:
    if kind == "numeric":
        return [None if number is None else str(number) for number in column]
    return list(map(",".join, column)) if kind.endswith("[]") else column


async def keep_causes(session: AsyncSession, causes: Mapping[UUID, tuple[str, ...]]) -> None:
    """What led to rows that wait for their employee, for when he arrives."""
    statement = """
        UPDATE derived.talent AS t SET causes = string_to_array(r.causes, ',')
        FROM unnest($1::uuid[], $2::text[]) AS r (employee_id, causes) WHERE t.employee_id = r.employee_id
    """
    await (await driver_of(session)).execute(statement, list(causes), list(map(",".join, causes.values())))


async def postpone(session: AsyncSession, next_changes: Mapping[UUID, date | None]) -> None:
    """Move the day of the next change of rows that stay as they are."""
    statement = """
        UPDATE derived.talent AS t SET next_change_on = r.next_change_on
        FROM unnest($1::uuid[], $2::date[]) AS r (employee_id, next_change_on) WHERE t.employee_id = r.employee_id
    """
    await (await driver_of(session)).execute(statement, list(next_changes), list(next_changes.values()))


async def list_due(session: AsyncSession, limit: int) -> list[UUID]:
    """Employees whose result may change by today, longest due first."""
    due = (
        f"SELECT employee_id FROM derived.talent WHERE next_change_on <= {TODAY} ORDER BY next_change_on LIMIT $1"
    )
    return [row[0] for row in await (await driver_of(session)).fetch(due, limit)]


# Skips from one pair to the next through the index: its cost grows with regions and policies, not with people.
_POLICIES_IN_USE: Final = f"""
    WITH RECURSIVE used AS (
        (SELECT region, policy_id FROM derived.talent WHERE region IS NOT NULL ORDER BY region, policy_id LIMIT 1)
        UNION ALL
        SELECT following.* FROM used CROSS JOIN LATERAL (
            SELECT region, policy_id FROM derived.talent
            WHERE (region, policy_id) > (used.region, used.policy_id) ORDER BY region, policy_id LIMIT 1
        ) AS following
    )
    SELECT region, policy_id, {TODAY} FROM used
"""


async def list_policies_in_use(session: AsyncSession) -> list[tuple[str, str, date]]:
    """Region, policy of some result there, and today."""
    return [tuple(row) for row in await (await driver_of(session)).fetch(_POLICIES_IN_USE)]


async def list_evaluated_by(session: AsyncSession, region: str, policy_id: str, limit: int) -> list[UUID]:
    """Employees of a region whose result comes from a policy, evaluated by today.

    A result of tomorrow's policy, left by a clock that was set back, stays as it is until tomorrow.
    """
    statement = f"""
        SELECT employee_id FROM derived.talent
        WHERE region = $1 AND policy_id = $2 AND evaluated_on <= {TODAY} LIMIT $3
    """
    return [row[0] for row in await (await driver_of(session)).fetch(statement, region, policy_id, limit)]


async def list_published(session: AsyncSession, employee_ids: Iterable[UUID]) -> list[Talent]:
    """The rows of these employees as they are now, by id."""
    wanted = select(Talent).where(col(Talent.employee_id).in_(employee_ids)).order_by(col(Talent.employee_id))
    return list(await session.exec(wanted.execution_options(populate_existing=True)))


_FIND: Final = f"FROM derived.talent WHERE employee_id = $1 AND version > 0 AND {covered('talent')}"
_RESULT: Final = ("employee_id", *CONTENT, *_BESIDE, "employee_version", "assessment_version", "computed_at")
_FIND_RESULT: Final = f"SELECT {', '.join(_RESULT)} {_FIND}"
_FIND_TALENT: Final = f"SELECT * {_FIND}"


async def find_result(
    session: AsyncSession, employee_id: UUID, population: Population
) -> Mapping[str, Any] | None:
    """What follows for an evaluated employee of the population; decoding the inputs takes longer than all else."""
    driver = await driver_of(session)
    found: Mapping[str, Any] | None = await driver.fetchrow(_FIND_RESULT, employee_id, *population.arrays())
    return found


async def find_talent(session: AsyncSession, employee_id: UUID, population: Population) -> Talent | None:
    """The whole row of an evaluated employee of the population."""
    row = await (await driver_of(session)).fetchrow(_FIND_TALENT, employee_id, *population.arrays())
    return None if row is None else Talent(**row)


async def list_results(
    session: AsyncSession,
    pattern: str,
    population: Population,
    *,
    after: UUID | None,
    limit: int,
) -> list[dict[str, Any]]:
    """What follows for the employees of a region, by id, from behind `after` on."""
    columns: list[Any] = [getattr(Talent, name) for name in _RESULT]
    statement = select(*columns).where(in_region(pattern), visible_to(population))
    if after:
        statement = statement.where(col(Talent.employee_id) > after)
    connection = await session.connection()
    rows = await connection.execute(statement.order_by(col(Talent.employee_id)).limit(limit))
    return [dict(row) for row in rows.mappings()]


# As an array that no planner sees into: its plan is then kept, for it is as good for any.
_REACHED: Final = """
    SELECT employee_id, employee_version, assessment_version, version
    FROM derived.talent WHERE employee_id = ANY (ARRAY(SELECT unnest($1::uuid[])))
"""


async def versions_of(session: AsyncSession, employee_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """How far each employee's row is, by topic. Keys that are no employee's are left out."""
    rows = await (await driver_of(session)).fetch(_REACHED, ids_among(employee_ids))
    return {
        str(employee_id): {
            EMPLOYEES.name: employee,
            RESULTS.name: assessment,
            TALENTS.name: version,
        }
        for employee_id, employee, assessment, version in rows
    }
