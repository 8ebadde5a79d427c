"""What is answered about an employee's results, and the history behind them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.asn.predikat import Ekspektasi, Predikat
from shared.events.assessment import AssessmentState, Competency, Performance, PeriodKind, Potential
from shared.shown import Number


class CompetencyAnswer(Competency):
    """Job person match in percent as measured; above 100 it counts as 100."""

    jpm: Number


class PotentialAnswer(Potential):
    """Potential score, 0..100."""

    score: Number


class ResultsAnswer(AssessmentState):
    """All that counts of one employee now, as published at `version`; 0: nothing has been measured yet."""

    performance: tuple[Performance, ...] = ()
    competency: CompetencyAnswer | None = None
    potential: PotentialAnswer | None = None


class ScoreEntry(BaseModel):
    """One version of the score of one period."""

    kind: Literal["performance-score"] = "performance-score"
    id: UUID
    version: int = Field(description="Within its period; the highest is in force")
    accepted_at: datetime
    submitted_by: str
    document: str | None
    period_kind: PeriodKind
    starts_on: date
    ends_on: date
    hasil: Ekspektasi | None
    perilaku: Ekspektasi | None
    predikat: Predikat


class AssessmentEntry(BaseModel):
    """One version of what was measured on one day."""

    kind: Literal["talent-assessment"] = "talent-assessment"
    id: UUID
    version: int = Field(description="Within its day; of each part the highest that has it is in force")
    accepted_at: datetime
    submitted_by: str
    document: str | None
    assessed_on: date
    valid_until: date
    jpm: Number | None
    potential: Number | None


HistoryEntry = Annotated[ScoreEntry | AssessmentEntry, Field(discriminator="kind")]
