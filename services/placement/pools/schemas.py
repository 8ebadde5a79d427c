"""A talent pool as people and systems read it."""

from uuid import UUID

from pydantic import BaseModel, Field

from services.placement.policies.rules import Number
from shared.asn.post import PostLevel
from shared.asn.predikat import Predikat


class PoolMember(BaseModel):
    """A member of the Kelompok Rencana Suksesi. The person's name stands in the profile service alone."""

    employee_id: UUID
    version: int
    region: str
    unit_id: str
    level: PostLevel
    talent_value: Number = Field(examples=[88.23])
    x: Number
    y: Number
    box: int = Field(ge=7, le=9)
    predikat: Predikat
    policy_id: str
