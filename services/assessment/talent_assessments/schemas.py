"""Bodies of talent assessments."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from services.assessment.submissions.rules import RefusedError
from services.assessment.submissions.schemas import Document
from services.assessment.talent_assessments.rules import TalentAssessment, validity_of
from shared.asn.nip import Nip
from shared.http.batch import Rows
from shared.http.fields import WRITTEN_OUT, Day

_EXAMPLE: Final[dict[str, Any]] = {
    "nip": "198703122010011001",
    "assessed_on": "2025-05-20",
    "jpm": 93.47,
    "potential": 88.5,
    "document": "AC 2025/118",
}


class TalentAssessmentBody(BaseModel):
    """What one assessment measured, competency or potential or both; a part left out says nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    nip: Nip
    assessed_on: Annotated[Day, Field(ge=date(2000, 1, 1), description="A day YYYY-MM-DD, not before 2000-01-01")]
    valid_until: Day | None = Field(
        default=None,
        description="Last day of validity; three years after the assessment when left out",
    )
    jpm: Annotated[Decimal, Field(ge=0, le=1000, decimal_places=4), WRITTEN_OUT] | None = Field(
        default=None,
        description="Job person match in percent, as measured: above 100 it is kept, and counts as 100",
    )
    potential: Annotated[Decimal, Field(ge=0, le=100, decimal_places=4), WRITTEN_OUT] | None = None
    document: Document | None = None

    def measurement(self, *, on: date) -> TalentAssessment:
        """What was measured. Raises RefusedError when a rule is broken."""
        if self.jpm is None and self.potential is None:
            raise RefusedError(
                "/jpm", "nothing_measured", "isi jpm, potential, atau keduanya", "give jpm, potential or both"
            )
        return TalentAssessment(
            assessed_on=self.assessed_on,
            valid_until=validity_of(self.assessed_on, self.valid_until, on=on),
            jpm=self.jpm,
            potential=self.potential,
            document=self.document,
        )


class TalentAssessmentBatch(BaseModel):
    """Up to 1,000 assessments; each is taken or refused alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    assessments: Rows[TalentAssessmentBody]
