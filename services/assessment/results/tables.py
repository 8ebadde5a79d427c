"""The published state of each employee's results."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.assessment.database import Table
from shared.db.metadata import DERIVED


class Result(Table, table=True):
    """What `assessment.results` says of an employee at `version`; `body` is its content without id and version.

    Version 0 has not been published: nothing that counts has been measured. The row is locked by whoever
    changes a measurement of the employee, whichever NIP that came with.
    """

    __tablename__ = "result"
    __table_args__ = ({"schema": DERIVED},)

    employee_id: UUID = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger)
    body: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
