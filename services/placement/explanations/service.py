"""Builds an explanation from the stored inputs, by the policy and the day of the stored result.

It evaluates them again by the same pure rules, so it cannot contradict the result.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.placement.explanations.rules import (
    ITEMS,
    Component,
    Item,
    next_steps,
    period_components,
    potential_components,
)
from services.placement.explanations.schemas import (
    AxisAnswer,
    ComponentAnswer,
    Explanation,
    GainAnswer,
    InputAnswer,
    PolicyReference,
    StepAnswer,
    VetoAnswer,
)
from services.placement.nine_box.rules import BOXES, COLUMN_NAMES, ROW_NAMES, level
from services.placement.policies.queries import find_policy
from services.placement.policies.rules import CutOffs, TalentPolicy
from services.placement.talents.rules import TEXTS, EmployeeInput, Evaluation, evaluate
from services.placement.talents.schemas import reasons_of
from services.placement.talents.tables import Talent
from shared.events.assessment import AssessmentState
from shared.shown import Reason, Text

_PERIOD: Final = "period."


async def explain(session: AsyncSession, row: Talent) -> Explanation:
    """The explanation of an evaluated row. Raises AssertionError where the row names no policy or no day."""
    found = await find_policy(session, str(row.policy_id))
    if found is None or row.evaluated_on is None:
        raise AssertionError("an evaluated row names a policy that is kept for ever, and its day")
    policy, _ = found
    assessment = row.assessment and AssessmentState.model_validate(row.assessment)
    inputs = EmployeeInput.model_validate(row.employee), assessment or None
    result = evaluate(*inputs, policy, row.evaluated_on)
    return _explanation(row, policy, result, potential_components(*inputs, policy.x, row.evaluated_on))


def _explanation(
    row: Talent, policy: TalentPolicy, result: Evaluation, x_parts: Sequence[Component]
) -> Explanation:
    box = BOXES[result.box] if result.box else None
    source = f"profile.employees/{row.employee_id}@{row.employee_version}"
    y_parts = period_components(result)
    return Explanation(
        **row.model_dump(include=_FROM_ROW),
        policy=_reference(policy),
        inputs=[
            InputAnswer(topic="profile.employees", version=row.employee_version),
            InputAnswer(topic="assessment.results", version=row.assessment_version),
        ],
        x=_axis(result.x, policy.x.cut_offs, COLUMN_NAMES, [_component(part, source) for part in x_parts]),
        y=_axis(result.y, policy.y.cut_offs, ROW_NAMES, [_component(part, source) for part in y_parts]),
        talent_value=result.value,
        box=result.box,
        category=box and box.category,
        recommendation=box and box.recommendation,
        no_box_reasons=reasons_of(result.no_box_reasons),
        in_pool=result.in_pool,
        eligible=result.eligible,
        vetoes=[VetoAnswer(code=veto.code, text=TEXTS[veto.code], ends_on=veto.ends_on) for veto in result.vetoes],
        remarks=reasons_of(result.remarks),
        missing_items=_missing(x_parts),
        next_steps=_steps(result, policy, x_parts),
    )


_FROM_ROW: Final = {
    "employee_id",
    "version",
    "evaluated_on",
    "next_change_on",
    "causes",
    "origin_time",
    "computed_at",
}


def _reference(policy: TalentPolicy) -> PolicyReference:
    return PolicyReference(
        policy_id=policy.policy_id,
        title=policy.title,
        weight_x=policy.value.x,
        weight_y=policy.value.y,
        address=f"/v1/policies/{policy.policy_id}",
    )


def _axis(
    score: Decimal | None,
    cut_offs: CutOffs,
    names: tuple[Text, ...],
    components: list[ComponentAnswer],
) -> AxisAnswer:
    name = None if score is None else names[level(score, cut_offs)]
    return AxisAnswer(score=score, cut_offs=cut_offs, level=name, components=components)


def _component(part: Component, source: str) -> ComponentAnswer:
    return ComponentAnswer(
        code=part.item,
        name=_name(part.item),
        weight=part.weight,
        score=part.score,
        points=part.points,
        found=part.found,
        source=_source(part, source),
        missing=bool(part.missing),
        parts=[_component(inner, source) for inner in part.parts],
    )


def _source(part: Component, profile: str) -> str | None:
    if isinstance(part.source, UUID):
        return f"talent-assessment/{part.source}"
    return profile if part.source == "profile" else part.source


def _name(item: str) -> Text:
    if item.startswith(_PERIOD):
        starts_on, ends_on = item.removeprefix(_PERIOD).split(".")
        return Text(id=f"Periode {starts_on} sampai {ends_on}", en=f"Period {starts_on} to {ends_on}")
    return ITEMS[Item(item)]


def _missing(components: Iterable[Component]) -> list[Reason]:
    return [Reason(code=item, text=ITEMS[Item(item)]) for part in components for item in part.missing]


def _steps(result: Evaluation, policy: TalentPolicy, x_parts: Sequence[Component]) -> list[StepAnswer]:
    return [
        StepAnswer(
            axis=step.axis,
            box=step.box,
            cut=step.cut,
            missing_points=step.missing,
            text=step.text,
            gains=[GainAnswer.model_validate(gain, from_attributes=True) for gain in step.gains],
        )
        for step in next_steps(result, policy, x_parts)
    ]
