"""An explanation as people read it: enough to add the result up again by hand."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.placement.policies.rules import CutOffs, Number, Text
from services.placement.talents.schemas import Reason


class ComponentOut(BaseModel):
    """`points` = weight × score / 100; the points of an axis add up to it. `found` is null where `missing`."""

    code: str = Field(examples=["education"])
    name: Text
    weight: Number
    score: Number | None
    points: Number | None
    found: str | None = Field(examples=["S-2"])
    source: str | None = Field(examples=["profile.employees/0198c0de-0000-7000-8000-000000000001@3"])
    missing: bool
    parts: list["ComponentOut"] = []


class AxisOut(BaseModel):
    """One axis: its score, where it is cut, which level that makes, and of what it consists."""

    score: Number | None
    cut_offs: CutOffs
    level: Text | None
    components: list[ComponentOut]


class GainOut(BaseModel):
    """What one change could add to the axis at most."""

    code: str
    points: Number
    suffices: bool
    text: Text


class StepOut(BaseModel):
    """The way to the next box on one axis."""

    axis: Literal["x", "y"]
    box: int = Field(ge=1, le=9)
    cut: Number
    missing_points: Number
    text: Text
    gains: list[GainOut]


class VetoOut(Reason):
    """A veto; `ends_on` is the day on which it ends by itself, null where only a new fact ends it."""

    ends_on: date | None


class PolicyReference(BaseModel):
    """The policy of the result, and its weights of the talent value."""

    policy_id: str
    title: Text
    weight_x: Number
    weight_y: Number
    address: str = Field(examples=["/v1/policies/talenta-default-1"])


class InputOut(BaseModel):
    """An input and the version that the result was computed from; 0: none has arrived."""

    topic: str = Field(examples=["assessment.results"])
    version: int


class Explanation(BaseModel):
    """Why an employee stands where he stands, and what is missing to the next box."""

    employee_id: UUID
    version: int
    policy: PolicyReference
    evaluated_on: date
    next_change_on: date | None
    inputs: list[InputOut]
    causes: list[str]
    origin_time: datetime
    computed_at: datetime
    x: AxisOut
    y: AxisOut
    talent_value: Number | None
    box: int | None
    category: Text | None
    recommendation: Text | None
    no_box_reasons: list[Reason]
    in_pool: bool
    eligible: bool
    vetoes: list[VetoOut]
    remarks: list[Reason]
    missing_items: list[Reason]
    next_steps: list[StepOut]
