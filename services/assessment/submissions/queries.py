"""SQL of the measurements that matched nobody whom their caller may touch."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.submissions.rules import KEPT_FOR
from shared.auth.caller import Caller, Population, covered
from shared.db.session import driver_of

# The bearers as they are once their NIPs are locked. The results of those whom the caller may touch are made where
# missing and locked where there (`DO UPDATE` locks, `WHERE false` writes nothing), in one order.
_HOLD: Final = f"""
    WITH bearer AS MATERIALIZED (
        SELECT subject.nip, employee.employee_id, coalesce({covered("employee")}, false) AS entitled
        FROM source.nip_subject AS subject
        JOIN derived.employee AS employee USING (employee_id)
        WHERE subject.nip = ANY($1::text[])
    ), locked AS (
        INSERT INTO derived.result AS held (employee_id, version, body, changed_at)
        SELECT employee_id, 0, '{{}}', clock_timestamp()
        FROM (SELECT DISTINCT employee_id FROM bearer WHERE entitled) AS one
        ORDER BY employee_id
        ON CONFLICT (employee_id) DO UPDATE SET version = held.version WHERE false
    )
    SELECT nip, employee_id, entitled FROM bearer
"""
_NEWEST_OF_CALLER: Final = """
    SELECT DISTINCT ON (nip, measured) measurement_id, nip, measured, content, regions, units, caller_employee_id
    FROM source.unmatched
    WHERE nip = ANY($1::text[]) AND kind = $2 AND submitted_by = $3
    ORDER BY nip, measured, position DESC
"""
_INSERT: Final = """
    INSERT INTO source.unmatched (
        measurement_id, nip, measured, content, state, kind, submitted_by,
        regions, units, caller_employee_id, accepted_at, expires_at
    )
    SELECT id, nip, measured, content::jsonb, state, $7::text, $8::text,
        $9::text[], $10::text[], $11::uuid, accepted_at, accepted_at + $12::interval
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
        WITH ORDINALITY AS new (id, nip, measured, content, state, accepted_at, place)
    ORDER BY place
"""
_WAITING: Final = """
    SELECT position, measurement_id, nip, kind, content, submitted_by, accepted_at,
        regions, units, caller_employee_id
    FROM source.unmatched
    WHERE nip = ANY($1::text[]) AND state = 'WAITING' AND expires_at > clock_timestamp()
    ORDER BY position
"""
_RESOLVE: Final = """
    INSERT INTO source.unmatched_resolution (
        position, measurement_id, kind, measured, submitted_by, regions, units, accepted_at, outcome, event
    )
    SELECT position, measurement_id, kind, measured, submitted_by, regions, units, accepted_at
"""
_REFUSE: Final = f"""
    WITH decided AS (
        UPDATE source.unmatched SET state = 'REFUSED' WHERE position = ANY($1::bigint[]) RETURNING *
    )
    {_RESOLVE}, 'REFUSED', event
    FROM decided JOIN unnest($1::bigint[], $2::text[]) AS cause (position, event) USING (position)
"""
_REMOVE: Final = f"""
    WITH decided AS (DELETE FROM source.unmatched WHERE position = ANY($1::bigint[]) RETURNING *)
    {_RESOLVE}, 'TAKEN', event
    FROM decided JOIN unnest($1::bigint[], $2::text[]) AS cause (position, event) USING (position)
"""
_EXPIRE: Final = f"""
    WITH expired AS (
        DELETE FROM source.unmatched WHERE position IN (
            SELECT position FROM source.unmatched WHERE expires_at <= clock_timestamp()
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        RETURNING *
    ), resolved AS (
        {_RESOLVE}, 'EXPIRED', NULL FROM expired WHERE state = 'WAITING'
    )
    SELECT nip FROM expired
"""
_FORGET_RESOLUTIONS: Final = """
    DELETE FROM source.unmatched_resolution WHERE position IN (
        SELECT position FROM source.unmatched_resolution WHERE resolved_at <= clock_timestamp() - $1::interval
        ORDER BY resolved_at LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    RETURNING position
"""
_LOCK_UNKNOWN: Final = """
    SELECT nip FROM source.nip_subject WHERE nip = ANY($1::text[]) AND employee_id IS NULL
    FOR UPDATE SKIP LOCKED
"""
_FORGET: Final = """
    DELETE FROM source.nip_subject WHERE nip = ANY($1::text[]) AND employee_id IS NULL
        AND NOT EXISTS (SELECT FROM source.unmatched WHERE unmatched.nip = nip_subject.nip)
"""


Content = dict[str, Any]
"""A measurement as JSON."""


class State(StrEnum):
    """Whether somebody may still arrive for it; the caller is never told."""

    WAITING = "WAITING"
    REFUSED = "REFUSED"


class Borne(NamedTuple):
    """Whose a NIP is, and whether the caller may touch him: then his results are locked."""

    employee_id: UUID
    entitled: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest that a caller left of one period or day, as JSON, and the population he had then."""

    id: UUID
    content: Content
    population: Population


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for an arrival."""

    position: int
    id: UUID
    nip: str
    kind: str
    content: Content
    submitted_by: str
    accepted_at: datetime
    population: Population


@dataclass(frozen=True, slots=True)
class Unplaced:
    """What is to be kept."""

    id: UUID
    nip: str
    measured: str
    content: Content
    state: State
    accepted_at: datetime


async def hold_bearers(session: AsyncSession, nips: Collection[str], population: Population) -> dict[str, Borne]:
    """By NIP, locked before, who bears it, and lock the results of those in the population; nobody yet: absent."""
    driver = await driver_of(session)
    rows = await driver.fetch(_HOLD, list(nips), *population.arrays())
    return {nip: Borne(employee_id, entitled) for nip, employee_id, entitled in rows}


async def read_newest_of_caller(
    session: AsyncSession,
    nips: Collection[str],
    *,
    kind: str,
    submitted_by: str,
) -> dict[tuple[str, str], Kept]:
    """By NIP and period or day, the newest of this kind that the caller left for these NIPs."""
    driver = await driver_of(session)
    rows = await driver.fetch(_NEWEST_OF_CALLER, list(nips), kind, submitted_by)
    return {
        (row["nip"], row["measured"]): Kept(row["measurement_id"], row["content"], _population(row))
        for row in rows
    }


async def insert_unmatched(
    session: AsyncSession,
    unplaced: Sequence[Unplaced],
    *,
    kind: str,
    caller: Caller,
) -> None:
    """Keep these in the order given, until KEPT_FOR after they were accepted."""
    driver = await driver_of(session)
    await driver.execute(
        _INSERT,
        [one.id for one in unplaced],
        [one.nip for one in unplaced],
        [one.measured for one in unplaced],
        [json.dumps(one.content) for one in unplaced],
        [one.state for one in unplaced],
        [one.accepted_at for one in unplaced],
        kind,
        caller.subject,
        list(caller.population.regions),
        list(caller.population.units),
        caller.population.employee_id,
        KEPT_FOR,
    )


async def read_waiting(session: AsyncSession, nips: Collection[str]) -> list[Waiting]:
    """What waits for these NIPs, locked before, in the order of acceptance."""
    driver = await driver_of(session)
    return [
        Waiting(
            row["position"],
            row["measurement_id"],
            row["nip"],
            row["kind"],
            row["content"],
            row["submitted_by"],
            row["accepted_at"],
            _population(row),
        )
        for row in await driver.fetch(_WAITING, list(nips))
    ]


async def refuse(session: AsyncSession, waiting: Sequence[Waiting], *, by: Mapping[str, str]) -> None:
    """Decided by these events, by NIP: the caller was not entitled. Kept until it expires, as if it waited."""
    driver = await driver_of(session)
    await driver.execute(_REFUSE, [one.position for one in waiting], [by[one.nip] for one in waiting])


async def remove(session: AsyncSession, waiting: Sequence[Waiting], *, by: Mapping[str, str]) -> None:
    """They take effect now by these events, by NIP, and wait no longer."""
    driver = await driver_of(session)
    await driver.execute(_REMOVE, [one.position for one in waiting], [by[one.nip] for one in waiting])


async def delete_expired(session: AsyncSession, limit: int) -> int:
    """Delete up to `limit` that expired, and the NIPs that nothing else knows; answers how many expired."""
    driver = await driver_of(session)
    nips = [row["nip"] for row in await driver.fetch(_EXPIRE, limit)]
    # Locked first, judged after: a score for the same NIP that came meanwhile is seen, and keeps it.
    unknown = [row["nip"] for row in await driver.fetch(_LOCK_UNKNOWN, list(set(nips)))]
    await driver.execute(_FORGET, unknown)
    return len(nips)


async def forget_resolutions(session: AsyncSession, limit: int) -> int:
    """Delete up to `limit` resolutions that are older than KEPT_FOR; answers how many."""
    driver = await driver_of(session)
    return len(await driver.fetch(_FORGET_RESOLUTIONS, KEPT_FOR, limit))


def _population(row: Any) -> Population:
    return Population(tuple(row["regions"]), tuple(row["units"]), row["caller_employee_id"])
