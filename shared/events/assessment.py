"""`assessment.results`: everything measured of one employee that counts now."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.asn.predikat import Ekspektasi, Predikat
from shared.events.contract import Part, State


class PeriodKind(StrEnum):
    """Length of an appraisal period."""

    YEARLY = "YEARLY"
    QUARTERLY = "QUARTERLY"
    MONTHLY = "MONTHLY"


class Performance(Part):
    """The score in force of one period, both days inclusive. Without ratings only the predikat was reported."""

    score_id: UUID
    period_kind: PeriodKind
    starts_on: date
    ends_on: date
    hasil: Ekspektasi | None = None
    perilaku: Ekspektasi | None = None
    predikat: Predikat
    score_version: int


class Competency(Part):
    """Job person match in percent, as measured (it may exceed 100); `valid_until` is the last day it counts."""

    assessment_id: UUID
    jpm: Decimal
    category: str
    assessed_on: date
    valid_until: date

    @property
    def number(self) -> Decimal:
        """As measured."""
        return self.jpm


class Potential(Part):
    """Potential score, 0..100; `valid_until` is the last day it counts."""

    assessment_id: UUID
    score: Decimal
    category: str
    assessed_on: date
    valid_until: date

    @property
    def number(self) -> Decimal:
        """As measured."""
        return self.score


class AssessmentState(State):
    """All that counts of one employee: periods newest first, the latest competency and potential."""

    employee_id: UUID
    performance: tuple[Performance, ...] = ()
    competency: Competency | None = None
    potential: Potential | None = None

    @property
    def key(self) -> str:
        return str(self.employee_id)
