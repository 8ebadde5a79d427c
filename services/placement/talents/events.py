"""The outgoing state of a talent."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.talents.queries import list_published
from services.placement.talents.rules import Employee, Evaluation
from services.placement.talents.tables import Talent
from shared.events.envelope import Cause
from shared.events.placement import InputVersions, TalentState
from shared.kafka.topics import TALENTS
from shared.outbox.append import Outgoing
from shared.states.published import PublishedStates

_COLUMNS: Final = set(TalentState.model_fields) - {"inputs"}
"""What a state says is what its row holds, under the same names."""


def talent_state(row: Any, employee: Employee, result: Evaluation) -> TalentState:
    """The next state of a locked row: its version is one above the row's."""
    return TalentState(
        version=row["version"] + 1,
        employee_id=row["employee_id"],
        region=employee.region,
        unit_id=employee.unit_id,
        level=employee.post.level,
        active=result.active,
        predikat=result.predikat,
        x=result.x,
        y=result.y,
        talent_value=result.value,
        box=result.box,
        no_box_reasons=result.no_box_reasons,
        eligible=result.eligible,
        vetoes=tuple([veto.code for veto in result.vetoes]),
        in_pool=result.in_pool,
        policy_id=result.policy_id,
        evaluated_on=result.on,
        inputs=InputVersions(employee=row["employee_version"], assessment=row["assessment_version"]),
    )


async def read_states(session: AsyncSession, keys: Sequence[str]) -> list[Outgoing]:
    """What was published last of these employees. Its trace is not kept."""
    rows = await list_published(session, [UUID(key) for key in keys])
    # Who still waits for his employee has no origin, and was never published.
    return [Outgoing(_state_of(row), Cause(row.origin_time, tuple(row.causes))) for row in rows if row.origin_time]


def _state_of(row: Talent) -> TalentState:
    inputs = InputVersions(employee=row.employee_version, assessment=row.assessment_version)
    return TalentState.model_validate({**row.model_dump(include=_COLUMNS), "inputs": inputs})


PUBLISHED: Final = PublishedStates(
    topic=TALENTS,
    contract=TalentState,
    table="derived.talent",
    key="employee_id",
    key_type="uuid",
    version="version",
    read=read_states,
)
