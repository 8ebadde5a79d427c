"""The employees, each as a source sent them last."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, DateTime, Index, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.profile.database import Table
from shared.db.metadata import SOURCE
from shared.events.profile import Discipline, EmployeeState

_DISCIPLINE: Final = TypeAdapter(tuple[Discipline, ...])


class Employee(Table, table=True):
    """One employee. A NIP can be corrected, so everything refers to `employee_id`."""

    __tablename__ = "employee"
    __table_args__ = (
        Index("ix_employee_region_employee_id", "region", "employee_id"),
        Index("ix_employee_unit_id_employee_id", "unit_id", "employee_id"),
        {"schema": SOURCE},
    )

    employee_id: UUID = Field(primary_key=True)
    nip: str = Field(sa_type=Text, unique=True)
    version: int = Field(sa_type=BigInteger)
    fingerprint: bytes
    """`rules.fingerprint_of` the content: equal fingerprints mean that nothing is new."""
    name: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    region: str = Field(sa_type=Text)
    unit_id: str = Field(sa_type=Text, foreign_key="source.unit.unit_id")
    post_title: str = Field(sa_type=Text)
    post_level: str = Field(sa_type=Text)
    post_eselon: str | None = Field(sa_type=Text)
    post_since: date | None
    golongan: str | None = Field(sa_type=Text)
    kedudukan_hukum: str = Field(sa_type=Text)
    retires_on: date | None
    education: str | None = Field(sa_type=Text)
    field_match: bool | None
    development: bool | None
    experience_years: Decimal | None = Field(sa_type=Numeric(4, 2))
    experience_variety: str | None = Field(sa_type=Text)
    experience_substance: bool | None
    discipline: list[dict[str, Any]] = Field(sa_type=JSONB)
    updated_at: datetime = Field(sa_type=DateTime(timezone=True))


def columns_of(state: EmployeeState, fingerprint: bytes, updated_at: datetime) -> dict[str, Any]:
    """The row of a state, by column. JSON as text, which the driver passes on as it is."""
    return {
        "employee_id": state.employee_id,
        "nip": state.nip,
        "version": state.version,
        "fingerprint": fingerprint,
        "name": state.name,
        "kind": state.kind,
        "region": state.region,
        "unit_id": state.unit_id,
        "post_title": state.post.title,
        "post_level": state.post.level,
        "post_eselon": state.post.eselon,
        "post_since": state.post.since,
        "golongan": state.golongan,
        "kedudukan_hukum": state.kedudukan_hukum,
        "retires_on": state.retires_on,
        "education": state.education,
        "field_match": state.field_match,
        "development": state.development,
        "experience_years": state.experience.years,
        "experience_variety": state.experience.variety,
        "experience_substance": state.experience.substance,
        "discipline": _DISCIPLINE.dump_json(state.discipline).decode(),
        "updated_at": updated_at,
    }


def state_of(row: Employee) -> EmployeeState:
    """The state that a row holds."""
    return EmployeeState.model_validate(
        {
            **row.model_dump(exclude={"fingerprint", "updated_at"}),
            "post": {
                "title": row.post_title,
                "level": row.post_level,
                "eselon": row.post_eselon,
                "since": row.post_since,
            },
            "experience": {
                "years": row.experience_years,
                "variety": row.experience_variety,
                "substance": row.experience_substance,
            },
        },
    )
