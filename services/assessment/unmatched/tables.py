"""What operations did with unmatched measurements."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Text, func
from sqlmodel import Field

from services.assessment.database import Table
from shared.db.metadata import SOURCE


class UnmatchedStep(Table, table=True):
    """Who did what with a measurement. So far that is SHOW: he saw its NIP. The table only grows."""

    __tablename__ = "unmatched_step"
    __table_args__ = ({"schema": SOURCE},)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    measurement_id: UUID = Field(index=True)
    at: datetime | None = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    )
    action: str = Field(sa_type=Text)
    actor: str = Field(sa_type=Text)
