"""The ranks of a person as people and systems read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from pydantic_core import to_json

from shared.asn.post import PostLevel
from shared.shown import Number, Reason, Text


class Rank(BaseModel):
    """Equal value, equal rank (1, 2, 2, 4). `size` counts all who are ranked there."""

    rank: int = Field(ge=1, examples=[12])
    size: int = Field(ge=1, examples=[10123])


class Ranks(BaseModel):
    """By published talent value: in the region, the unit, at his level of post in the region, and further out."""

    region: Rank
    unit: Rank
    level: Rank
    province: Rank
    province_level: Rank
    nation: Rank
    nation_level: Rank


class TakenIn(BaseModel):
    """Versions of the inputs that the answer contains; 0 where none has arrived."""

    employee: int
    assessment: int
    talent: int


class EmployeeRanks(BaseModel):
    """Where a person stands in one revision of the folded tables. Who is not ranked has no `ranks`, and a reason.

    `freshness_ms` is the time from the acceptance of the request that last moved him to its place in the ranks.
    """

    employee_id: UUID
    region: str = Field(examples=["33.74"])
    unit_id: str
    level: PostLevel
    active: bool
    value: Number | None = Field(examples=[96.79])
    box: int | None = Field(ge=1, le=9)
    ranks: Ranks | None
    unranked_reason: Reason | None
    revision: int = Field(examples=[1207])
    as_of: datetime
    folded_at: datetime
    inputs: TakenIn
    origin_time: datetime
    causes: list[str] = Field(examples=[["performance-score/0198c0de-0000-7000-8000-000000000001"]])
    freshness_ms: int = Field(ge=0)


def json_of(found: Mapping[str, Any]) -> bytes:
    """`EmployeeRanks` as JSON, from what `queries.find_ranks` found.

    Not by way of the model, which takes twice as long: what comes from these columns need not be validated.
    """
    value = found["value"]
    age = found["folded_at"] - found["origin_time"]
    return to_json(
        {
            "employee_id": found["employee_id"],
            "region": found["region"],
            "unit_id": found["unit_id"],
            "level": found["level"],
            "active": found["active"],
            "value": None if value is None else value / 100,
            "box": found["box"],
            "ranks": _ranks_of(found),
            "unranked_reason": _unranked_reason(found),
            "revision": found["number"],
            "as_of": found["as_of"],
            "folded_at": found["folded_at"],
            "inputs": {
                "employee": found["employee_version"],
                "assessment": found["assessment_version"],
                "talent": found["version"],
            },
            "origin_time": found["origin_time"],
            "causes": found["causes"],
            # Clocks of two machines may differ.
            "freshness_ms": max(0, round(age.total_seconds() * 1000)),
        },
    )


def _ranks_of(found: Mapping[str, Any]) -> dict[str, dict[str, int]] | None:
    if found["scopes"] is None:
        return None
    counted = zip(found["scopes"], found["above"], found["sizes"], strict=True)
    ranks = {scope: {"rank": above + 1, "size": size} for scope, above, size in counted}
    return {scope: ranks[scope] for scope in Ranks.model_fields}


def _unranked_reason(person: Mapping[str, Any]) -> Reason | None:
    if not person["active"]:
        return Reason(code="not_active", text=Text(id="Bukan ASN aktif", en="Not an active civil servant"))
    if person["value"] is None:
        return Reason(code="no_value", text=Text(id="Belum memiliki nilai talenta", en="Has no talent value yet"))
    return None
