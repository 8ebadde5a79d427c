"""Employees as the states of `profile.employees`, and back from the topic after a restore."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.profile.employees.queries import give_ids_back, insert_employees, list_published
from services.profile.employees.rules import Change, Recorded, fingerprint_of
from services.profile.employees.tables import state_of
from services.profile.units.service import ensure_units
from shared.events.envelope import Cause
from shared.events.profile import EmployeeState
from shared.kafka.topics import EMPLOYEES
from shared.outbox.append import Outgoing
from shared.states.published import PublishedStates


def outgoing(state: EmployeeState, cause: Cause) -> Outgoing:
    """The state as it is published, with the employee as its cause."""
    return Outgoing(state, replace(cause, causes=(f"employee/{state.employee_id}",)))


async def read_states(session: AsyncSession, keys: Sequence[str]) -> list[Outgoing]:
    """The last published states of these employees. Their traces are not kept."""
    rows = await list_published(session, [UUID(key) for key in keys])
    return [outgoing(state_of(row), Cause(row.updated_at)) for row in rows]


async def put_back(session: AsyncSession, states: Sequence[EmployeeState]) -> int:
    """Put back the rows that a restored database has lost, under their old ids; returns how many (decision 20).

    An employee who was sent again meanwhile keeps that row. It gets his old id where nobody was told of the new
    one; else the old id stays away, as it does where the unit now belongs to another region.
    """
    now = datetime.now(UTC)
    units = await ensure_units(session, {state.unit_id: state.region for state in states}, now)
    lost = [
        Recorded(Change.CREATED, state, fingerprint_of(state))
        for state in states
        if units.regions[state.unit_id] == state.region
    ]
    inserted = await insert_employees(session, lost, now)
    others = [state for state in states if state.nip not in inserted]
    return len(inserted) + await give_ids_back(session, EMPLOYEES.name, others)


PUBLISHED: Final = PublishedStates(
    topic=EMPLOYEES,
    contract=EmployeeState,
    table="source.employee",
    key="employee_id",
    key_type="uuid",
    version="version",
    read=read_states,
    put_back=put_back,
)
