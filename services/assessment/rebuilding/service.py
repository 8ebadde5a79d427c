"""How copies of employees and the links of their NIPs are repaired: what waited for them takes effect then."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.employees.queries import link, lock_nips
from services.assessment.rebuilding import queries
from services.assessment.submissions.service import Arrival, admit
from shared.events.envelope import Cause, event_id
from shared.kafka.topics import EMPLOYEES
from shared.rebuilding.model import Compared, Difference, ReadModel

_CAUSE: Final = "rebuild"


async def settle(_session: AsyncSession, _people: Sequence[UUID]) -> None:
    """Nothing follows later from a copy."""


async def repair(session: AsyncSession, found: Sequence[Difference]) -> None:
    """As an arrival does it, in its order: employees, NIPs, then what waited for them."""
    cause = Cause(datetime.now(UTC), (_CAUSE,))
    arrived = {
        nip: Arrival(event_id(EMPLOYEES.name, str(one.employee_id), one.version), cause)
        for one in await queries.take_employees(session, [UUID(one.key) for one in found])
        for nip in (one.nip, one.former_nip)
        if nip
    }
    await lock_nips(session, arrived)
    await link(session, arrived)
    await admit(session, arrived)


READ_MODEL: Final = ReadModel(
    # The register of NIPs and the waiting scores are sources; their shadows are there for the handler alone.
    tables=["derived.employee", "source.nip_subject", "source.unmatched"],
    compared=[
        Compared(
            "employee",
            live="derived.employee",
            shadow="shadow.employee",
            key="employee_id",
            version=("version",),
            content=("nip", "region", "unit_id"),
        ),
        Compared(
            "link of the NIP",
            live=queries.LINKS.format(register="source.nip_subject"),
            shadow=queries.LINKS.format(register="shadow.nip_subject"),
            key="employee_id",
            content=("bearer",),
            differs="leads to somebody else",
        ),
    ],
    settle=settle,
    repair=repair,
    held={EMPLOYEES.name: "SELECT employee_id, version FROM shadow.employee"},
    indexes=["ix_employee_nip"],
)
