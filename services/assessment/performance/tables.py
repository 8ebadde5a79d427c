"""Performance scores that took effect: every version ever given, never changed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Integer, Text, UniqueConstraint
from sqlmodel import Field

from services.assessment.database import Table
from shared.db.metadata import SOURCE


class PerformanceScore(Table, table=True):
    """One version of the score of one period; the highest `score_version` is in force.

    `employee_id` is whose the NIP was when the score took effect; a NIP that moves later moves no score.
    """

    __tablename__ = "performance_score"
    __table_args__ = (
        UniqueConstraint(
            "employee_id",
            "period_kind",
            "starts_on",
            "score_version",
            name="uq_performance_score_version",
        ),
        {"schema": SOURCE},
    )

    score_id: UUID = Field(primary_key=True)
    employee_id: UUID
    nip: str = Field(sa_type=Text)
    period_kind: str = Field(sa_type=Text)
    starts_on: date
    ends_on: date
    hasil: str | None = Field(sa_type=Text)
    perilaku: str | None = Field(sa_type=Text)
    predikat: str = Field(sa_type=Text)
    document: str | None = Field(sa_type=Text)
    score_version: int = Field(sa_type=Integer)
    submitted_by: str = Field(sa_type=Text)
    accepted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
