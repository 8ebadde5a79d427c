"""What is answered to whoever hands in a measurement."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.assessment.submissions.rules import Measurement
from shared.asn.nip import Nip
from shared.http.batch import Outcome
from shared.http.fields import ONE_LINE

Document = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE)]
"""Where the measurement can be looked up: number or address of the source document."""
M_co = TypeVar("M_co", bound=Measurement, covariant=True)


class MeasurementBody(Protocol[M_co]):
    """The body of a measurement, well-formed, but not yet checked against what depends on the day."""

    @property
    def nip(self) -> Nip:
        """Whose measurement it is."""

    def measurement(self, *, on: date) -> M_co:
        """What was measured. Raises RefusedError when a rule is broken."""


class Matching(StrEnum):
    """Whether somebody whom the caller may touch bears the NIP; RECEIVED never tells which of the two failed."""

    MATCHED = "matched"
    RECEIVED = "received"


class ReceiptAnswer(BaseModel):
    """What became of a measurement.

    `received`: nobody whom you may touch bears the NIP now. It is kept, and takes effect when the employee
    arrives, if your token of now covers him then.
    """

    id: UUID = Field(
        description="Of the measurement in force: its own, or the equal one that was held",
        examples=["0198c0de-0000-7000-8000-000000000001"],
    )
    state: Matching
    outcome: Outcome
    employee_id: UUID | None = Field(default=None, examples=["0198c0de-0000-7000-8000-000000000002"])
