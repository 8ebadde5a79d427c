"""Bodies of performance scores."""

from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from services.assessment.performance.rules import Score, period_of, settle_predikat
from services.assessment.submissions.schemas import Document
from shared.asn.nip import Nip
from shared.asn.predikat import Ekspektasi, Predikat
from shared.events.assessment import PeriodKind
from shared.http.batch import Rows

_EXAMPLE: Final[dict[str, Any]] = {
    "nip": "198703122010011001",
    "period": {"kind": "YEARLY", "year": 2025},
    "hasil": "DI_ATAS_EKSPEKTASI",
    "perilaku": "SESUAI_EKSPEKTASI",
    "document": "SKP 2025/0417",
}


class PeriodBody(BaseModel):
    """A year, or a numbered quarter or month of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: PeriodKind
    year: int = Field(ge=2000, le=2999, strict=True)
    number: int | None = Field(
        default=None, strict=True, description="1..4 for quarters, 1..12 for months, none for a year"
    )


class PerformanceScoreBody(BaseModel):
    """The appraisal of one period: both ratings, or the predikat, or all three where they match the table."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    nip: Nip
    period: PeriodBody
    hasil: Ekspektasi | None = None
    perilaku: Ekspektasi | None = None
    predikat: Predikat | None = None
    document: Document | None = None

    def measurement(self, *, on: date) -> Score:
        """What the appraisal says. Raises RefusedError when a rule is broken."""
        return Score(
            period=period_of(self.period.kind, self.period.year, self.period.number, on=on),
            predikat=settle_predikat(self.hasil, self.perilaku, self.predikat),
            hasil=self.hasil,
            perilaku=self.perilaku,
            document=self.document,
        )


class PerformanceScoreBatch(BaseModel):
    """Up to 1,000 scores; each is taken or refused alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scores: Rows[PerformanceScoreBody]
