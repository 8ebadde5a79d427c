"""A talent as people and systems read it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.placement.nine_box.rules import BOXES
from services.placement.talents.rules import TEXTS
from shared.asn.post import PostLevel
from shared.asn.predikat import Predikat
from shared.events.placement import InputVersions
from shared.shown import Number, Reason, Text


def reasons_of(codes: Iterable[str]) -> list[Reason]:
    """Words for codes of a stored result."""
    return [Reason(code=code, text=TEXTS[code]) for code in codes]


class TalentAnswer(BaseModel):
    """What follows for one employee, from which inputs, by which policy.

    `x`, `y` and `talent_value` are 0..100. Without a box `no_box_reasons` say why. `freshness_ms` is the time from
    the acceptance of the request that caused this result to the result.
    """

    employee_id: UUID
    version: int
    region: str = Field(examples=["33.74"])
    unit_id: str
    level: PostLevel
    active: bool
    predikat: Predikat | None
    x: Number | None = Field(examples=[86.4625])
    y: Number | None = Field(examples=[90.0])
    talent_value: Number | None = Field(examples=[88.23])
    box: int | None = Field(ge=1, le=9)
    category: Text | None
    recommendation: Text | None
    no_box_reasons: list[Reason]
    eligible: bool
    vetoes: list[Reason]
    in_pool: bool
    policy_id: str = Field(examples=["talenta-default-1"])
    inputs: InputVersions
    evaluated_on: date
    next_change_on: date | None
    causes: list[str] = Field(examples=[["performance-score/0198c0de-0000-7000-8000-000000000001"]])
    origin_time: datetime
    computed_at: datetime
    freshness_ms: int = Field(ge=0)

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> "TalentAnswer":
        """From what `queries.find_result` reads."""
        box = BOXES[result["box"]] if result["box"] else None
        return cls.model_validate(
            {
                **result,
                "category": box and box.category,
                "recommendation": box and box.recommendation,
                "no_box_reasons": reasons_of(result["no_box_reasons"]),
                "vetoes": reasons_of(result["vetoes"]),
                "inputs": InputVersions(
                    employee=result["employee_version"], assessment=result["assessment_version"]
                ),
                "freshness_ms": _milliseconds(result["computed_at"] - result["origin_time"]),
            },
        )


def _milliseconds(freshness: timedelta) -> int:
    """From acceptance to result, as a whole number; clocks of two machines may differ, so never below 0."""
    return max(0, round(freshness.total_seconds() * 1000))
