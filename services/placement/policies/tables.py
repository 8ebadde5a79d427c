"""Policies and when they are in force where."""

from datetime import date
from typing import Any

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.placement.database import Table
from shared.db.metadata import SOURCE


class TalentPolicyRow(Table, table=True):
    """One policy document, immutable (a trigger refuses changes); `sha256` is that of its canonical JSON."""

    __tablename__ = "talent_policy"
    __table_args__ = ({"schema": SOURCE},)

    policy_id: str = Field(primary_key=True, sa_type=Text)
    content: dict[str, Any] = Field(sa_type=JSONB)
    sha256: str = Field(sa_type=Text)


class PolicyInForce(Table, table=True):
    """From `effective_from` until the next row of its region; region `*` is the default."""

    __tablename__ = "policy_in_force"
    __table_args__ = ({"schema": SOURCE},)

    region: str = Field(primary_key=True, sa_type=Text)
    effective_from: date = Field(primary_key=True)
    policy_id: str = Field(sa_type=Text, foreign_key="source.talent_policy.policy_id")
