"""Results follow from the measurements in force, and every change of one is published."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.results.queries import STORE_STATES, touching
from services.assessment.results.rules import Held, rests_on, state_of
from shared.events.envelope import Cause
from shared.kafka.topics import RESULTS
from shared.outbox.append import Outgoing, Write, append


class Addition(NamedTuple):
    """What was added to the measurements of an employee, by id, and what brought it."""

    measurements: Collection[UUID]
    cause: Cause


async def publish(
    session: AsyncSession,
    held: Mapping[UUID, Held],
    additions: Mapping[UUID, Addition],
    *,
    beside: Sequence[Write],
) -> None:
    """Publish the results that an addition changes, locked before: one version and one event each.

    `held` is what is held of these employees now; its versions are brought up to date. `beside` adds the
    measurements, in the same statement.
    """
    outgoing: list[Outgoing] = []
    unchanged: list[UUID] = []
    for employee_id in sorted(additions):
        of_employee = held[employee_id]
        state = state_of(
            employee_id, of_employee.scores.values(), of_employee.assessments, version=of_employee.version + 1
        )
        if rests_on(state, additions[employee_id].measurements):
            of_employee.version += 1
            outgoing.append(Outgoing(state, additions[employee_id].cause))
        else:
            unchanged.append(employee_id)
    results = [*([STORE_STATES] if outgoing else ()), *([touching(unchanged)] if unchanged else ())]
    await append(session, RESULTS, outgoing, beside=[*beside, *results])
