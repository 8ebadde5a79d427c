"""SQL of the repair: the shadow's copies of employees take the place of those that differ."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of

LINKS: Final = """(
    SELECT employee.employee_id, subject.employee_id AS bearer
    FROM shadow.employee JOIN {register} AS subject USING (nip)
)"""
"""To whom the NIP of each employee leads. NIPs that nobody bears any more keep their last bearer."""

_DELETE: Final = """
    DELETE FROM derived.employee AS live WHERE employee_id = ANY ($1::uuid[])
        AND NOT EXISTS (SELECT FROM shadow.employee AS kept WHERE kept.employee_id = live.employee_id)
    RETURNING employee_id, nip, NULL AS former_nip, version
"""
_TAKE: Final = """
    INSERT INTO derived.employee AS live (employee_id, nip, region, unit_id, version)
    SELECT employee_id, nip, region, unit_id, version FROM shadow.employee
    WHERE employee_id = ANY ($1::uuid[]) ORDER BY employee_id
    ON CONFLICT (employee_id) DO UPDATE
        SET nip = excluded.nip, region = excluded.region, unit_id = excluded.unit_id, version = excluded.version
    RETURNING employee_id, new.nip AS nip, old.nip AS former_nip, new.version AS version
"""


class Repaired(NamedTuple):
    """A copy that was written or deleted; `former_nip` is None where there was none."""

    employee_id: UUID
    nip: str
    former_nip: str | None
    version: int


async def take_employees(session: AsyncSession, employee_ids: Sequence[UUID]) -> list[Repaired]:
    """Make the copies of these employees what the shadow's are."""
    driver = await driver_of(session)
    return [
        Repaired(*row) for statement in (_DELETE, _TAKE) for row in await driver.fetch(statement, employee_ids)
    ]
