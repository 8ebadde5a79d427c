"""The projection of `placement.talents`, and the marks that tell the folder what moved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Identity, Integer, SmallInteger, Text
from sqlmodel import Field

from services.reporting.database import Table
from shared.db.metadata import DERIVED


class Standing(Table, table=True):
    """One person as placement last said. Whole numbers: value in hundredths, x and y in ten-thousandths."""

    __tablename__ = "standing"
    __table_args__ = ({"schema": DERIVED},)

    employee_id: UUID = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger)
    contract: int = Field(sa_type=Integer)
    region: str = Field(sa_type=Text)
    unit_id: str = Field(sa_type=Text)
    level: str = Field(sa_type=Text)
    active: bool = Field(sa_type=Boolean)
    value: int | None = Field(sa_type=Integer)
    x: int | None = Field(sa_type=Integer)
    y: int | None = Field(sa_type=Integer)
    box: int | None = Field(sa_type=SmallInteger)
    in_pool: bool = Field(sa_type=Boolean)
    employee_version: int = Field(sa_type=BigInteger)
    assessment_version: int = Field(sa_type=BigInteger)
    origin_time: datetime = Field(sa_type=DateTime(timezone=True))
    causes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    traceparent: str | None = Field(sa_type=Text)


class Dirty(Table, table=True):
    """A mark: this person's standing moved. Written with the standing; twice the same mark changes nothing."""

    __tablename__ = "dirty"
    __table_args__ = ({"schema": DERIVED},)

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    employee_id: UUID
