"""An explanation as people read it: enough to add the result up again by hand."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.placement.policies.rules import CutOffs
from shared.shown import Number, Reason, Text


class ComponentAnswer(BaseModel):
    """`points` = `weight` (percent) × `score` (0..100) / 100; the points of an axis add up to it.

    `found` is the raw value that was scored, null where there is no record of one (`missing`).
    """

    code: str = Field(examples=["education"])
    name: Text
    weight: Number
    score: Number | None
    points: Number | None
    found: str | None = Field(examples=["S-2"])
    source: str | None = Field(examples=["profile.employees/0198c0de-0000-7000-8000-000000000001@3"])
    missing: bool
    parts: list["ComponentAnswer"] = []


class AxisAnswer(BaseModel):
    """One axis: its score, where it is cut, the level that follows, and the components that add up to it."""

    score: Number | None
    cut_offs: CutOffs
    level: Text | None
    components: list[ComponentAnswer]


class GainAnswer(BaseModel):
    """The most that one change could add to the axis, and whether that reaches the next cut."""

    code: str
    points: Number
    suffices: bool
    text: Text


class StepAnswer(BaseModel):
    """The way to the next box along one axis."""

    axis: Literal["x", "y"]
    box: int = Field(ge=1, le=9)
    cut: Number
    missing_points: Number
    text: Text
    gains: list[GainAnswer]


class VetoAnswer(Reason):
    """A veto; `ends_on` is the first day without it, null where only a new fact ends it."""

    ends_on: date | None


class PolicyReference(BaseModel):
    """The policy that the result follows from, and its weights (percent) of the axes in the talent value."""

    policy_id: str
    title: Text
    weight_x: Number
    weight_y: Number
    address: str = Field(examples=["/v1/policies/talenta-default-1"])


class InputAnswer(BaseModel):
    """An input, and its version that the result was computed from; 0 where none has arrived."""

    topic: str = Field(examples=["assessment.results"])
    version: int


class Explanation(BaseModel):
    """Why an employee is where they are, and what is missing to the next box."""

    employee_id: UUID
    version: int
    policy: PolicyReference
    evaluated_on: date
    next_change_on: date | None
    inputs: list[InputAnswer]
    causes: list[str]
    origin_time: datetime
    computed_at: datetime
    x: AxisAnswer
    y: AxisAnswer
    talent_value: Number | None
    box: int | None
    category: Text | None
    recommendation: Text | None
    no_box_reasons: list[Reason]
    in_pool: bool
    eligible: bool
    vetoes: list[VetoAnswer]
    remarks: list[Reason]
    missing_items: list[Reason]
    next_steps: list[StepAnswer]
