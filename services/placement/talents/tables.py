"""The one table of this service's read model."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, col

from services.placement.database import Table
from shared.auth.caller import Population
from shared.db.metadata import DERIVED

_EMPTY: Final = text("'{}'")
_FALSE: Final = text("false")


def _codes() -> Any:
    return Field(sa_column=Column(ARRAY(Text), nullable=False, server_default=_EMPTY))


def _flag() -> Any:
    return Field(sa_column_kwargs={"server_default": _FALSE})


class Talent(Table, table=True):
    """Both inputs of one employee with their versions, and the result.

    The employee's input is kept without NIP and name. As long as only an assessment has arrived the result is
    empty and `version` 0: nobody is told of it.
    """

    __tablename__ = "talent"
    __table_args__ = (
        Index("ix_talent_region_employee_id", "region", "employee_id"),
        Index("ix_talent_region_policy_id_box", "region", "policy_id", "box"),
        Index("ix_talent_next_change_on", "next_change_on"),
        {"schema": DERIVED},
    )

    employee_id: UUID = Field(primary_key=True)
    employee: dict[str, Any] | None = Field(sa_type=JSONB)
    employee_version: int = Field(sa_type=BigInteger)
    employee_contract: int = Field(sa_type=Integer)
    assessment: dict[str, Any] | None = Field(sa_type=JSONB)
    assessment_version: int = Field(sa_type=BigInteger)
    assessment_contract: int = Field(sa_type=Integer)
    version: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    region: str | None = Field(sa_type=Text)
    unit_id: str | None = Field(sa_type=Text)
    level: str | None = Field(sa_type=Text)
    active: bool = _flag()
    predikat: str | None = Field(sa_type=Text)
    x: Decimal | None = Field(sa_column=Column(Numeric(7, 4)))
    y: Decimal | None = Field(sa_column=Column(Numeric(7, 4)))
    talent_value: Decimal | None = Field(sa_column=Column(Numeric(5, 2)))
    box: int | None = Field(sa_type=SmallInteger)
    no_box_reasons: list[str] = _codes()
    eligible: bool = _flag()
    vetoes: list[str] = _codes()
    in_pool: bool = _flag()
    policy_id: str | None = Field(sa_type=Text)
    evaluated_on: date | None
    next_change_on: date | None
    origin_time: datetime | None = Field(sa_type=DateTime(timezone=True))
    causes: list[str] = _codes()
    computed_at: datetime | None = Field(sa_type=DateTime(timezone=True))


def province() -> ColumnElement[str]:
    """The province of the region, spelled as in its index."""
    return func.left(col(Talent.region), literal_column("2"))


def in_region(pattern: str) -> ColumnElement[bool]:
    """Rows of a region, or of a province and all in it (`33.*`). Only an evaluated row has a region."""
    if pattern.endswith(".*"):
        return province() == pattern[:2]
    return col(Talent.region) == pattern


def visible_to(population: Population) -> ColumnElement[bool]:
    """Rows of the population."""
    return population.condition(col(Talent.region), col(Talent.unit_id), col(Talent.employee_id))


_COLUMNS: Final = Talent.__table__.c  # type: ignore[attr-defined]  # SQLModel does not declare its table
_BY_VALUE: Final = (_COLUMNS.talent_value.desc(), _COLUMNS.employee_id)
Index("ix_talent_pool_region", _COLUMNS.region, *_BY_VALUE, postgresql_where=_COLUMNS.in_pool)
Index("ix_talent_pool_province", province(), *_BY_VALUE, postgresql_where=_COLUMNS.in_pool)
