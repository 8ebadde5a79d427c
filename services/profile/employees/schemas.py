"""Employees as they come and go over HTTP. What the fields mean is decided by the contract of the event."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.profile.units.schemas import UnitId
from shared.asn.education import EducationLevel
from shared.asn.employment import EmployeeKind, KedudukanHukum
from shared.asn.golongan import Golongan
from shared.asn.nip import Nip
from shared.asn.region import RegionCode
from shared.events.profile import Discipline, EmployeeState, Experience, Post
from shared.http.batch import Rows, RowWarning
from shared.http.fields import ONE_LINE, WRITTEN_OUT, Day, at_most

_MOST_PUNISHMENTS: Final = 100
_HUNDREDTHS: Final = Decimal("0.01")
_POST: Final[dict[str, Any]] = {
    "title": "Kepala Bidang Kesehatan Masyarakat",
    "level": "ADMINISTRATOR",
    "eselon": "III.b",
    "since": "2021-02-01",
}


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=ONE_LINE)]
Flag = Annotated[bool, Strict()]
Years = Annotated[
    Decimal,
    Field(ge=0, le=70, max_digits=4, decimal_places=2, examples=[6.5]),
    WRITTEN_OUT,
    AfterValidator(lambda years: years.quantize(_HUNDREDTHS)),
]
"""Years to two decimals, so that 6.5 and 6.50 are the same content."""


def _number(years: Decimal | None) -> float | None:
    return None if years is None else float(years)


class PostBody(Post):
    """The post (jabatan) held now."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_POST]})

    title: Line
    since: Day | None = Field(None, description="TMT jabatan")


class ExperienceBody(Experience):
    """Experience in posts."""

    model_config = ConfigDict(extra="forbid")

    years: Years | None = None
    substance: Flag | None = None


class DisciplineBody(Discipline):
    """One punishment (hukdis)."""

    model_config = ConfigDict(extra="forbid")

    imposed_on: Day
    until: Day | None = Field(None, description="Last day of serving it")
    annulled: Flag = False

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until is not None and self.until < self.imposed_on:
            raise PydanticCustomError(
                "discipline_ends_early",
                "until mendahului imposed_on / until lies before imposed_on",
            )
        return self


class EmployeeBody(BaseModel):
    """An employee as the government records it: the whole record, every time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Line = Field(examples=["Contoh Sintetis"])
    kind: EmployeeKind
    region: RegionCode = Field(description="The government that employs this person", examples=["33.74"])
    unit_id: UnitId
    post: PostBody
    golongan: Golongan | None = Field(None, examples=["IV/a"])
    kedudukan_hukum: KedudukanHukum = Field(examples=["01"])
    retires_on: Day | None = Field(None, description="TMT pensiun", examples=["2045-04-01"])
    education: EducationLevel | None = None
    field_match: Flag | None = Field(None, description="Does the field of study match the post?")
    development: Flag | None = Field(None, description="Has the training that the post requires been completed?")
    experience: ExperienceBody = ExperienceBody()
    discipline: Annotated[
        tuple[DisciplineBody, ...],
        Field(max_length=_MOST_PUNISHMENTS),
        at_most(_MOST_PUNISHMENTS),
    ] = ()

    @field_validator("discipline")
    @classmethod
    def _in_order(cls, discipline: tuple[DisciplineBody, ...]) -> tuple[DisciplineBody, ...]:
        # Another order of the same punishments is the same content.
        return tuple(sorted(discipline, key=lambda one: (one.imposed_on, one.level, one.until or date.max)))


class EmployeeRow(EmployeeBody):
    """One row of a batch."""

    nip: Nip

    def state(self, employee_id: UUID) -> EmployeeState:
        """What will be recorded if nobody knows this NIP yet."""
        return EmployeeState(employee_id=employee_id, version=1, **dict(self))


class ExperienceAnswer(Experience):
    """Experience in posts; years as a number."""

    model_config = ConfigDict(from_attributes=True)

    years: Annotated[Decimal | None, PlainSerializer(_number, return_type=float | None, when_used="json")] = None


class EmployeeAnswer(EmployeeState):
    """An employee as recorded now. `version` counts the changes; `If-Match` takes it in quotes, like the ETag."""

    experience: ExperienceAnswer = ExperienceAnswer()


class EmployeePutAnswer(EmployeeAnswer):
    """An employee as recorded now, and what looked odd about the request."""

    warnings: list[RowWarning]


class EmployeeBatch(BaseModel):
    """Up to 1,000 employees, each taken or refused by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    employees: Rows[EmployeeRow]
