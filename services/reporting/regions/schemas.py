"""A region and its first people, for those whose population covers it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.reporting.boards.queries import Line
from services.reporting.boards.rules import MeritPolicy, policy_of
from services.reporting.boards.schemas import Region
from services.reporting.folding.queries import RevisionNumber
from shared.asn.post import PostLevel
from shared.shown import Number


class RegionStanding(Region):
    """A region on the board with all its numbers, and what moved it last.

    `version` grows with the region's own content; `changed_at` is when it last did, `causes` by what.
    """

    revision: int = Field(examples=[1207])
    as_of: datetime
    version: int = Field(examples=[311])
    changed_at: datetime
    origin_time: datetime
    causes: list[str] = Field(examples=[["performance-score/0198c0de-0000-7000-8000-000000000001"]])
    policy: MeritPolicy

    @classmethod
    def read(cls, revision: RevisionNumber, line: Line) -> "RegionStanding":
        """From a line of this revision."""
        return cls(
            **dict(Region.of(line)),
            revision=revision.number,
            as_of=revision.as_of,
            version=line.version,
            changed_at=line.as_of,
            origin_time=line.origin_time,
            causes=line.causes,
            policy=policy_of(line.policy_id),
        )


class TopEmployee(BaseModel):
    """`value` is the published talent value, 0..100."""

    rank: int = Field(examples=[1])
    employee_id: UUID
    unit_id: str
    level: PostLevel
    value: Number = Field(examples=[96.79])
    box: int | None = Field(ge=1, le=9)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "TopEmployee":
        return cls.model_validate({**row, "value": Decimal(row["value"]).scaleb(-2)})


class TopOfRegion(BaseModel):
    """The first people of a region by talent value, of `size` who have one.

    Equal value, equal rank (1, 2, 2, 4); the order among equals is that of the ids and means nothing.
    """

    region_code: str = Field(examples=["33.74"])
    revision: int = Field(examples=[1207])
    as_of: datetime
    size: int = Field(examples=[10123])
    employees: list[TopEmployee]

    @classmethod
    def of(cls, region: str, rows: Sequence[Mapping[str, Any]]) -> "TopOfRegion":
        """From the rows of `queries.read_top`, at least one."""
        return cls(
            region_code=region,
            revision=rows[0]["number"],
            as_of=rows[0]["as_of"],
            size=rows[0]["size"],
            employees=[TopEmployee.of(row) for row in rows if row["employee_id"] is not None],
        )
