"""The talent of one employee: both axes, talent value, box, eligibility, pool. Pure; time is an input.

Cut-offs compare x and y as rounded to four decimals; the talent value is made from those and rounded to two.
The same inputs, policy and day give the same result, digit for digit.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from services.placement.eligibility.rules import VETOES, Eligibility, Veto, check_gates
from services.placement.nine_box.rules import KRS_INSTANSI, box_of, level
from services.placement.performance import rules as performance
from services.placement.performance.rules import PerformanceScore, score_performance
from services.placement.policies.rules import TalentPolicy, ValueWeights
from services.placement.potential import rules as potential
from services.placement.potential.rules import PotentialScore, score_potential
from shared.asn.education import EducationLevel
from shared.asn.employment import EmployeeKind
from shared.asn.predikat import Predikat
from shared.events.assessment import AssessmentState
from shared.events.contract import Part
from shared.events.profile import Discipline, EmployeeState, Experience, Post
from shared.shown import Text

TWO_PLACES: Final = Decimal("0.01")
_HUNDRED: Final = Decimal(100)


class EmployeeInput(Part):
    """What placement keeps of an employee's state: all that the rules need, and neither NIP nor name."""

    kind: EmployeeKind
    region: str
    unit_id: str
    post: Post
    kedudukan_hukum: str
    retires_on: date | None = None
    education: EducationLevel | None = None
    field_match: bool | None = None
    development: bool | None = None
    experience: Experience = Experience()
    discipline: tuple[Discipline, ...] = ()


Employee: TypeAlias = EmployeeState | EmployeeInput
KEPT: Final = set(EmployeeInput.model_fields)
"""Fields of EmployeeState that are kept."""


class Remark(StrEnum):
    """What a reader should know about a result that stands."""

    SINGLE_PERIOD = "single_period"
    RETIREMENT_DATE_MISSING = "retirement_date_missing"


REMARKS: Final = {
    Remark.SINGLE_PERIOD: Text(
        id="Kinerja dihitung dari satu periode saja",
        en="Performance comes from a single period",
    ),
    Remark.RETIREMENT_DATE_MISSING: Text(
        id="Tanggal pensiun belum tercatat, sehingga syarat sisa masa kerja tidak diperiksa",
        en="No retirement date is recorded, so the time left until retirement was not checked",
    ),
}
TEXTS: Final[Mapping[str, Text]] = {
    code.value: text
    for texts in (potential.GAPS, performance.GAPS, VETOES, REMARKS)
    for code, text in texts.items()
}
"""Words for every code that a result can carry."""


class Evaluation(NamedTuple):
    """What follows for one employee on a day. `no_box_reasons` are empty exactly when there is a box.

    Before `next_change_on` nothing changes by itself; None: only a new fact changes it.
    """

    policy_id: str
    on: date
    potential: PotentialScore
    performance: PerformanceScore
    eligibility: Eligibility
    value: Decimal | None
    box: int | None
    remarks: tuple[Remark, ...]

    @property
    def x(self) -> Decimal | None:
        return self.potential.x

    @property
    def y(self) -> Decimal | None:
        return self.performance.y

    @property
    def predikat(self) -> Predikat | None:
        return self.performance.predikat

    @property
    def no_box_reasons(self) -> tuple[str, ...]:
        gap = self.performance.gap
        return (*self.potential.gaps, *((gap,) if gap else ()))

    @property
    def active(self) -> bool:
        return self.eligibility.active

    @property
    def eligible(self) -> bool:
        return self.eligibility.eligible

    @property
    def vetoes(self) -> tuple[Veto, ...]:
        return self.eligibility.vetoes

    @property
    def in_pool(self) -> bool:
        """Kelompok Rencana Suksesi: a box of it, and no veto."""
        return self.box in KRS_INSTANSI and self.eligible

    @property
    def next_change_on(self) -> date | None:
        days = (*self.potential.changes_on, *self.performance.changes_on, *self.eligibility.changes_on)
        return min(days, default=None)


def evaluate(
    employee: Employee,
    assessment: AssessmentState | None,
    policy: TalentPolicy,
    on: date,
) -> Evaluation:
    """Evaluate an employee by a policy on a day. Without an assessment there is no box, and it says so."""
    y_axis = score_performance(assessment.performance if assessment else (), policy.y, on)
    return combine(
        policy,
        on,
        score_potential(employee, assessment, policy.x, on),
        y_axis,
        check_gates(employee, policy.gates, on),
        tuple(_remarks(employee, y_axis, policy)),
    )


def combine(
    policy: TalentPolicy,
    on: date,
    x_axis: PotentialScore,
    y_axis: PerformanceScore,
    eligibility: Eligibility,
    remarks: tuple[Remark, ...] = (),
) -> Evaluation:
    """The evaluation of which these are the parts, each by the same policy on the same day."""
    value, box = place(x_axis.x, y_axis.y, policy)
    return Evaluation(policy.policy_id, on, x_axis, y_axis, eligibility, value, box, remarks)


def place(x: Decimal | None, y: Decimal | None, policy: TalentPolicy) -> tuple[Decimal | None, int | None]:
    """Talent value and box of two axes; neither when one of them is missing."""
    if x is None or y is None:
        return None, None
    box = box_of(kinerja=level(y, policy.y.cut_offs), potensial=level(x, policy.x.cut_offs))
    return talent_value(x, y, policy.value), box


def talent_value(x: Decimal, y: Decimal, weights: ValueWeights) -> Decimal:
    """The published value: two decimals, half up."""
    return ((weights.x * x + weights.y * y) / _HUNDRED).quantize(TWO_PLACES, ROUND_HALF_UP)


def _remarks(employee: Employee, y_axis: PerformanceScore, policy: TalentPolicy) -> list[Remark]:
    remarks = []
    if y_axis.single:
        remarks.append(Remark.SINGLE_PERIOD)
    if policy.gates.months_to_retirement and employee.retires_on is None:
        remarks.append(Remark.RETIREMENT_DATE_MISSING)
    return remarks
