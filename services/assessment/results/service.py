"""Results follow from the measurements in force, and every change of one is published."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.results.queries import lock_results, read_held, store_states
from services.assessment.results.rules import Held, state_of
from shared.events.envelope import Cause
from shared.kafka.topics import RESULTS
from shared.outbox.append import Outgoing, append


async def hold(session: AsyncSession, employee_ids: set[UUID]) -> dict[UUID, Held]:
    """Lock the results of these employees, then read what is held of them. Whatever changes that does so first."""
    await lock_results(session, employee_ids)
    return await read_held(session, employee_ids)


async def publish(session: AsyncSession, held: Mapping[UUID, Held], causes: Mapping[UUID, Cause]) -> None:
    """Publish the results of the employees in `causes` that are others now: one version and one event each.

    `held` is what is held of them now; its versions are brought up to date.
    """
    following = {key: _following(key, held[key], causes[key]) for key in sorted(causes)}
    changed = await store_states(session, {key: one.payload for key, one in following.items()})
    for key in changed:
        held[key].version += 1
    await append(session, RESULTS, [one for key, one in following.items() if key in changed])


def _following(employee_id: UUID, held: Held, cause: Cause) -> Outgoing:
    state = state_of(employee_id, held.scores.values(), held.assessments, version=held.version + 1)
    return Outgoing(state, cause)
