"""SQL of the NIP register and of the copy of the employees."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of
from shared.events.profile import EmployeeState

# Inserts what is missing and locks what is there (`DO UPDATE` locks, `WHERE false` writes nothing), in one order.
_LOCK: Final = """
    INSERT INTO source.nip_subject AS held (nip)
    SELECT nip FROM unnest($1::text[]) AS nip ORDER BY nip
    ON CONFLICT (nip) DO UPDATE SET employee_id = held.employee_id WHERE false
"""
_BEARERS: Final = """
    SELECT subject.nip, employee.employee_id, employee.region, employee.unit_id
    FROM source.nip_subject AS subject
    JOIN derived.employee AS employee USING (employee_id)
    WHERE subject.nip = ANY($1::text[])
"""
_UPSERT: Final = """
    INSERT INTO derived.employee AS held (employee_id, nip, region, unit_id, version)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[])
        AS given (employee_id, nip, region, unit_id, version)
    ORDER BY employee_id
    ON CONFLICT (employee_id) DO UPDATE
        SET nip = excluded.nip, region = excluded.region, unit_id = excluded.unit_id, version = excluded.version
        WHERE held.version < excluded.version
    RETURNING employee_id, new.nip AS nip, old.nip AS former_nip
"""
# While a NIP passes from one to another, both may bear it for a moment: the same one wins in any order.
_LINK: Final = """
    UPDATE source.nip_subject AS subject SET employee_id = bearer.employee_id
    FROM (
        SELECT DISTINCT ON (nip) nip, employee_id FROM derived.employee
        WHERE nip = ANY($1::text[]) ORDER BY nip, employee_id DESC
    ) AS bearer
    WHERE subject.nip = bearer.nip AND subject.employee_id IS DISTINCT FROM bearer.employee_id
"""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose a NIP is, and where he serves."""

    employee_id: UUID
    region: str
    unit_id: str


@dataclass(frozen=True, slots=True)
class Renumbered:
    """An employee who bears another NIP than before, or arrived with his first."""

    employee_id: UUID
    nip: str
    former_nip: str | None


async def lock_nips(session: AsyncSession, nips: Collection[str]) -> None:
    """Lock the register rows of `nips`, made where missing. Everything that links or uses a NIP does so first."""
    driver = await driver_of(session)
    await driver.execute(_LOCK, sorted(set(nips)))


async def read_bearers(session: AsyncSession, nips: Collection[str]) -> Mapping[str, Bearer]:
    """Who bears each NIP; nobody yet: absent.

    Ask after the lock, in a statement of its own: that of the lock does not see what it waited for.
    """
    driver = await driver_of(session)
    rows = await driver.fetch(_BEARERS, list(nips))
    return {row["nip"]: Bearer(row["employee_id"], row["region"], row["unit_id"]) for row in rows}


async def upsert_employees(session: AsyncSession, states: Collection[EmployeeState]) -> list[Renumbered]:
    """Take in the states that are newer than what is held, one an employee; answers whose NIP that changed."""
    driver = await driver_of(session)
    rows = await driver.fetch(
        _UPSERT,
        [state.employee_id for state in states],
        [state.nip for state in states],
        [state.region for state in states],
        [state.unit_id for state in states],
        [state.version for state in states],
    )
    return [Renumbered(*row) for row in rows if row["nip"] != row["former_nip"]]


async def link(session: AsyncSession, nips: Collection[str]) -> None:
    """Point locked NIPs to who bears them now; one that nobody bears any more keeps its last bearer."""
    driver = await driver_of(session)
    await driver.execute(_LINK, list(nips))
