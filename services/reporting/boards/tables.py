"""The board: one row a region, written by the folder in the transaction that moved it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.reporting.database import Table
from shared.db.metadata import DERIVED


class BoardRow(Table, table=True):
    """A region on the board. `version` grows with the content, `revision` is that which last changed it.

    Origin time, causes and trace are those of all changes since the version that was last published.
    """

    __tablename__ = "board_row"
    __table_args__ = ({"schema": DERIVED},)

    region: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(sa_type=BigInteger)
    policy_id: str = Field(sa_type=Text)
    rank: int | None = Field(sa_type=Integer)
    index: Decimal | None = Field(sa_type=Numeric(7, 6))
    unranked_reason: str | None = Field(sa_type=Text)
    components: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    revision: int = Field(sa_type=BigInteger)
    as_of: datetime = Field(sa_type=DateTime(timezone=True))
    origin_time: datetime = Field(sa_type=DateTime(timezone=True))
    causes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    traceparent: str | None = Field(sa_type=Text)
    published_version: int = Field(sa_type=BigInteger)
    published_at: datetime | None = Field(sa_type=DateTime(timezone=True))
