"""SQL on employees. However many rows there are, each write is one statement over arrays."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.engine import make_url
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.profile.database import METADATA
from services.profile.employees.rules import Recorded, Stored
from services.profile.employees.tables import Employee, columns_of, state_of
from shared.auth.caller import Population
from shared.db.session import driver_of
from shared.events.profile import EmployeeState

_POSTGRESQL: Final = make_url("postgresql+asyncpg://").get_dialect()()
_TYPES: Final = {
    column.name: column.type.compile(dialect=_POSTGRESQL) for column in METADATA.tables["source.employee"].columns
}
_NAMES: Final = ", ".join(_TYPES)
_GIVEN: Final = ", ".join(f"${position}::{type_}[]" for position, type_ in enumerate(_TYPES.values(), start=1))

_FIND: Final = """
    SELECT nip, employee_id, version, region, fingerprint FROM source.employee WHERE nip = ANY($1::text[])
"""
_LOCK: Final = f"{_FIND} ORDER BY nip FOR UPDATE"
_INSERT: Final = f"""
    INSERT INTO source.employee ({_NAMES})
    SELECT {_NAMES} FROM unnest({_GIVEN}) AS given ({_NAMES}) ORDER BY nip
    ON CONFLICT (nip) DO NOTHING RETURNING nip
"""
_UPDATE: Final = f"""
    UPDATE source.employee AS stored SET ({_NAMES}) = ROW ({", ".join(f"given.{name}" for name in _TYPES)})
    FROM unnest({_GIVEN}) AS given ({_NAMES}) WHERE stored.employee_id = given.employee_id
"""

# A row that began after the restore, and of which nothing has left the outbox: its id is still nobody's business.
_GIVE_BACK: Final = """
    WITH again AS (
        UPDATE source.employee AS held SET employee_id = lost.employee_id
        FROM unnest($2::text[], $3::uuid[]) AS lost (nip, employee_id)
        WHERE held.nip = lost.nip AND EXISTS (
            SELECT FROM source.outbox WHERE topic = $1 AND key = held.employee_id::text AND outbox.version = 1
        )
        RETURNING old.employee_id::text AS key
    ),
    untold AS (DELETE FROM source.outbox USING again WHERE topic = $1 AND outbox.key = again.key)
    SELECT count(*) FROM again
"""


async def find_stored(session: AsyncSession, nips: Collection[str]) -> dict[str, Stored]:
    """What is stored under these NIPs now, by NIP."""
    return await _stored(session, _FIND, nips)


async def lock_stored(session: AsyncSession, nips: Collection[str]) -> dict[str, Stored]:
    """The same, locked in the order of the NIPs until the transaction ends."""
    return await _stored(session, _LOCK, nips)


async def _stored(session: AsyncSession, statement: str, nips: Collection[str]) -> dict[str, Stored]:
    if not nips:
        return {}
    rows = await (await driver_of(session)).fetch(statement, list(nips))
    return {nip: Stored(*rest) for nip, *rest in rows}


async def insert_employees(session: AsyncSession, new: Sequence[Recorded], at: datetime) -> set[str]:
    """Insert those whose NIP is free, and return their NIPs.

    Waits, in the order of the NIPs, where another transaction is just inserting the same one.
    """
    if not new:
        return set()
    rows = await (await driver_of(session)).fetch(_INSERT, *_arrays(new, at))
    return {row["nip"] for row in rows}


async def update_employees(session: AsyncSession, changed: Sequence[Recorded], at: datetime) -> None:
    """Write the new states over rows that this transaction has locked."""
    if changed:
        await (await driver_of(session)).execute(_UPDATE, *_arrays(changed, at))


async def give_ids_back(session: AsyncSession, topic: str, lost: Sequence[EmployeeState]) -> int:
    """Let who bears these NIPs by ids that nobody was told of have these ids; returns how many do now."""
    driver = await driver_of(session)
    ids = [state.employee_id for state in lost]
    given: int = await driver.fetchval(_GIVE_BACK, topic, [state.nip for state in lost], ids)
    return given


def _arrays(recorded: Sequence[Recorded], at: datetime) -> list[list[Any]]:
    """One array a column, in the order of the table's columns."""
    rows = [columns_of(each.state, each.fingerprint, at) for each in recorded]
    return [[row[name] for row in rows] for name in _TYPES]


async def list_published(session: AsyncSession, employee_ids: Collection[UUID]) -> list[Employee]:
    """The rows of these employees as they are now, by id."""
    wanted = (
        select(Employee).where(col(Employee.employee_id).in_(employee_ids)).order_by(col(Employee.employee_id))
    )
    return list(await session.exec(wanted.execution_options(populate_existing=True)))


async def find_employee(session: AsyncSession, nip: str, population: Population) -> EmployeeState | None:
    """The employee with this NIP; None where there is none in the population."""
    statement = select(Employee).where(col(Employee.nip) == nip, _within(population))
    row = (await session.exec(statement)).one_or_none()
    return None if row is None else state_of(row)


async def list_employees(
    session: AsyncSession,
    region: str,
    population: Population,
    *,
    after: UUID | None,
    limit: int,
) -> list[EmployeeState]:
    """Up to `limit` employees of the region who are in the population, by id, from behind `after` on."""
    statement = select(Employee).where(col(Employee.region) == region, _within(population))
    if after is not None:
        statement = statement.where(col(Employee.employee_id) > after)
    rows = await session.exec(statement.order_by(col(Employee.employee_id)).limit(limit))
    return [state_of(row) for row in rows]


def _within(population: Population) -> Any:
    return population.condition(col(Employee.region), col(Employee.unit_id), col(Employee.employee_id))
