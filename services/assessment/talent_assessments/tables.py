"""Talent assessments that took effect: every version ever given, never changed."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Column, DateTime, Integer, Numeric, Text, UniqueConstraint
from sqlmodel import Field

from services.assessment.database import Table
from shared.db.metadata import SOURCE


class TalentAssessmentVersion(Table, table=True):
    """One version of what was measured on one day. A part that it leaves out says nothing: absent is not null.

    So of each part the newest day counts, and of that day the highest `assessment_version` that has the part.
    """

    __tablename__ = "talent_assessment"
    __table_args__ = (
        UniqueConstraint(
            "employee_id",
            "assessed_on",
            "assessment_version",
            name="uq_talent_assessment_version",
        ),
        {"schema": SOURCE},
    )

    assessment_id: UUID = Field(primary_key=True)
    employee_id: UUID
    nip: str = Field(sa_type=Text)
    assessed_on: date
    valid_until: date
    jpm: Decimal | None = Field(sa_type=Numeric)
    potential: Decimal | None = Field(sa_type=Numeric)
    document: str | None = Field(sa_type=Text)
    assessment_version: int = Field(sa_type=Integer)
    submitted_by: str = Field(sa_type=Text)
    accepted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
