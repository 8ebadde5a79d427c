"""Results follow from the measurements in force, and every change of one is published."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.performance.queries import read_in_force
from services.assessment.results.queries import store_bodies
from services.assessment.results.rules import state_of
from services.assessment.talent_assessments.queries import read_newest
from shared.events.envelope import Cause
from shared.kafka.topics import RESULTS
from shared.outbox.append import Outgoing, append


async def publish(session: AsyncSession, causes: Mapping[UUID, Cause]) -> Mapping[UUID, int]:
    """Recompute the results of these employees, locked before, and publish those that changed: one event each.

    Answers the version of each result afterwards.
    """
    employee_ids = sorted(causes)
    scores = await read_in_force(session, employee_ids)
    assessments = await read_newest(session, employee_ids)
    states = {
        employee_id: state_of(
            employee_id, scores.get(employee_id, ()), assessments.get(employee_id, ()), version=0
        )
        for employee_id in employee_ids
    }
    bodies = {key: state.model_dump_json(exclude={"version", "employee_id"}) for key, state in states.items()}
    stored = await store_bodies(session, bodies)
    changed = [
        Outgoing(states[key].model_copy(update={"version": stored[key].version}), causes[key])
        for key in employee_ids
        if stored[key].changed
    ]
    await append(session, RESULTS, changed)
    return {employee_id: one.version for employee_id, one in stored.items()}
