"""The register of NIPs and this service's copy of `profile.employees`."""

from uuid import UUID

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from services.assessment.database import Table
from shared.db.metadata import DERIVED, SOURCE


class NipSubject(Table, table=True):
    """A NIP that a score or an employee came with, and whose it is; None while nobody has arrived with it.

    Its row is what a score and an arrival lock, so that they cannot miss each other. A NIP that somebody bore
    once still leads to him: two NIPs may point to one employee over time.
    """

    __tablename__ = "nip_subject"
    __table_args__ = ({"schema": SOURCE},)

    nip: str = Field(sa_type=Text, primary_key=True)
    employee_id: UUID | None = None


class Employee(Table, table=True):
    """Where an employee serves now, as far as it decides who may touch his scores."""

    __tablename__ = "employee"
    __table_args__ = (Index("ix_employee_nip", "nip"), {"schema": DERIVED})

    employee_id: UUID = Field(primary_key=True)
    nip: str = Field(sa_type=Text)
    region: str = Field(sa_type=Text)
    unit_id: str = Field(sa_type=Text)
    version: int = Field(sa_type=BigInteger)
