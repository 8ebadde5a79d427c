"""A talent pool as people and systems read it."""

from uuid import UUID

from pydantic import BaseModel, Field

from shared.asn.post import PostLevel
from shared.asn.predikat import Predikat
from shared.shown import Number


class PoolMember(BaseModel):
    """A member of the Kelompok Rencana Suksesi; values 0..100. Names are known to the profile service alone."""

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
