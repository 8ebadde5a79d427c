"""The folded copy and what is added up from it. Only the folder writes here; boards and ranks read only here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Index, Integer, SmallInteger, Text, text
from sqlmodel import Field

from services.reporting.database import Table
from shared.db.metadata import DERIVED

COUNTS = "active AND value IS NOT NULL"
"""Who is ranked: active employees with a talent value."""


class Folded(Table, table=True):
    """A standing as it is contained in tallies and histograms. Units as in `standings.tables.Standing`."""

    __tablename__ = "folded"
    __table_args__ = (
        # Both directions of a comparison by value are read: who stands above in a unit, the top of a region.
        Index("ix_folded_unit", "region", "unit_id", "value", postgresql_where=text(COUNTS)),
        Index("ix_folded_top", "region", text("value DESC"), "employee_id", postgresql_where=text(COUNTS)),
        {"schema": DERIVED},
    )

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
    folded_at: datetime = Field(sa_type=DateTime(timezone=True))


class RegionTally(Table, table=True):
    """Counts and sums over the active employees of a region; see `folding.rules.Tally`."""

    __tablename__ = "region_tally"
    __table_args__ = ({"schema": DERIVED},)

    region: str = Field(sa_type=Text, primary_key=True)
    active: int = Field(sa_type=BigInteger)
    with_value: int = Field(sa_type=BigInteger)
    value_sum: int = Field(sa_type=BigInteger)
    with_x: int = Field(sa_type=BigInteger)
    x_sum: int = Field(sa_type=BigInteger)
    with_y: int = Field(sa_type=BigInteger)
    y_sum: int = Field(sa_type=BigInteger)
    boxed: int = Field(sa_type=BigInteger)
    in_pool: int = Field(sa_type=BigInteger)


class ValueHistogram(Table, table=True):
    """How many people of a scope have which value: block b counts the values b.00 .. b.99, one after the other.

    Under the scope's name with `ranks.rules.BY_BLOCK` before it, block 0 counts the people of each block.
    """

    __tablename__ = "value_histogram"
    __table_args__ = ({"schema": DERIVED},)

    scope: str = Field(sa_type=Text, primary_key=True)
    block: int = Field(sa_type=SmallInteger, primary_key=True)
    total: int = Field(sa_type=Integer)
    counts: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))


class Revision(Table, table=True):
    """One row: how often the content of the folded tables has changed, and when it last did."""

    __tablename__ = "revision"
    __table_args__ = ({"schema": DERIVED},)

    single: bool = Field(sa_type=Boolean, primary_key=True)
    number: int = Field(sa_type=BigInteger)
    as_of: datetime = Field(sa_type=DateTime(timezone=True))
