"""Employees as `profile.employees`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.profile.employees.queries import list_published
from services.profile.employees.tables import state_of
from shared.events.envelope import Cause
from shared.events.profile import EmployeeState
from shared.kafka.topics import EMPLOYEES
from shared.outbox.append import Outgoing
from shared.states.published import PublishedStates


def outgoing(state: EmployeeState, cause: Cause) -> Outgoing:
    """The state as it goes out. What came in about an employee is named as its cause."""
    return Outgoing(state, replace(cause, causes=(f"employee/{state.employee_id}",)))


async def read_states(session: AsyncSession, keys: Sequence[str]) -> list[Outgoing]:
    """What was published last of these employees. Its trace is not kept."""
    rows = await list_published(session, [UUID(key) for key in keys])
    return [outgoing(state_of(row), Cause(row.updated_at)) for row in rows]


PUBLISHED: Final = PublishedStates(
    topic=EMPLOYEES,
    contract=EmployeeState,
    table="source.employee",
    key="employee_id",
    key_type="uuid",
    version="version",
    read=read_states,
)
