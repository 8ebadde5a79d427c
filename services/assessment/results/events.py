"""Results as `assessment.results`."""

import json
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.results.queries import list_published
from shared.events.assessment import AssessmentState
from shared.events.envelope import Cause
from shared.kafka.topics import RESULTS
from shared.outbox.append import Outgoing
from shared.states.published import PublishedStates


async def read_states(session: AsyncSession, keys: Sequence[str]) -> list[Outgoing]:
    """What was published last of these employees. What it was caused by is not kept, but for the time."""
    return [
        Outgoing(
            AssessmentState.model_validate({**json.loads(body), "employee_id": employee_id, "version": version}),
            Cause(changed_at),
        )
        for employee_id, version, body, changed_at in await list_published(session, [UUID(key) for key in keys])
    ]


PUBLISHED: Final = PublishedStates(
    topic=RESULTS,
    contract=AssessmentState,
    table="derived.result",
    key="employee_id",
    key_type="uuid",
    version="version",
    read=read_states,
)
