"""The units, as the sources name and arrange them."""

from datetime import datetime

from sqlalchemy import DateTime, Index, Text
from sqlmodel import Field

from services.profile.database import Table
from shared.db.metadata import SOURCE


class Unit(Table, table=True):
    """A unit. It stays in its region for good: in another region it would be another unit."""

    __tablename__ = "unit"
    __table_args__ = (Index("ix_unit_region_unit_id", "region", "unit_id"), {"schema": SOURCE})

    unit_id: str = Field(primary_key=True, sa_type=Text)
    region: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    parent_id: str | None = Field(default=None, sa_type=Text, foreign_key="source.unit.unit_id")
    updated_at: datetime = Field(sa_type=DateTime(timezone=True))
