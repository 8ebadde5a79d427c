"""Measurements that matched nobody whom their caller may touch."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, ForeignKey, Identity, Index, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.assessment.database import Table
from shared.db.metadata import SOURCE


def _texts() -> Column[Any]:
    return Column(ARRAY(Text), nullable=False)


class Unmatched(Table, table=True):
    """A measurement as it was handed in, with the population that its caller had then.

    `state` WAITING: nobody bears the NIP yet; its caller's entitlement is decided when somebody arrives.
    REFUSED: it was decided, and the caller was not entitled. Both expire at the same time, and the caller
    is answered alike, so that nobody learns who exists. `position` is the order of acceptance per NIP.
    """

    __tablename__ = "unmatched"
    __table_args__ = (
        Index("ix_unmatched_nip", "nip"),
        Index("ix_unmatched_expires_at", "expires_at"),
        {"schema": SOURCE},
    )

    position: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, Identity(always=True, cache=1), primary_key=True),
    )
    measurement_id: UUID
    nip: str = Field(sa_column=Column(Text, ForeignKey("source.nip_subject.nip"), nullable=False))
    kind: str = Field(sa_type=Text)
    measured: str = Field(sa_type=Text)
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    submitted_by: str = Field(sa_type=Text)
    regions: list[str] = Field(sa_column=_texts())
    units: list[str] = Field(sa_column=_texts())
    caller_employee_id: UUID | None = None
    accepted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state: str = Field(sa_type=Text)
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class UnmatchedResolution(Table, table=True):
    """What became of a measurement that waited: TAKEN, REFUSED or EXPIRED, and by which event (its `ce_id`).

    For operations; it names no NIP, and is forgotten as long after as an unmatched measurement is kept.
    """

    __tablename__ = "unmatched_resolution"
    __table_args__ = (Index("ix_unmatched_resolution_resolved_at", "resolved_at"), {"schema": SOURCE})

    position: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    measurement_id: UUID
    kind: str = Field(sa_type=Text)
    measured: str = Field(sa_type=Text)
    submitted_by: str = Field(sa_type=Text)
    regions: list[str] = Field(sa_column=_texts())
    units: list[str] = Field(sa_column=_texts())
    accepted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    outcome: str = Field(sa_type=Text)
    event: str | None = Field(default=None, sa_type=Text)
    resolved_at: datetime | None = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    )
