"""The outgoing state of a talent."""

from typing import Any

from services.placement.talents.rules import Employee, Evaluation
from shared.events.placement import InputVersions, TalentState


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
        vetoes=tuple(veto.code for veto in result.vetoes),
        in_pool=result.in_pool,
        policy_id=result.policy_id,
        evaluated_on=result.on,
        inputs=InputVersions(employee=row["employee_version"], assessment=row["assessment_version"]),
    )
