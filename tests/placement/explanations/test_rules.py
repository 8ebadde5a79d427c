"""The way to the next box is true: whoever takes the step gets there."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.placement.explanations.rules import Step, next_steps, period_components, potential_components
from services.placement.policies.rules import TalentPolicy
from services.placement.potential.rules import total
from services.placement.talents.rules import evaluate, place
from shared.events.assessment import AssessmentState
from shared.events.profile import EmployeeState
from tests.placement.people import DEFAULT, DJBK, ON, assessment, employee, measure, year
from tests.placement.strategies import DAYS, assessments, employees

POLICIES = st.sampled_from([DEFAULT, DJBK])


def _steps(person: EmployeeState, measured: AssessmentState) -> dict[str, Step]:
    parts = potential_components(person, measured, DEFAULT.x, ON)
    return {step.axis: step for step in next_steps(evaluate(person, measured, DEFAULT, ON), DEFAULT, parts)}


def test_points_to_the_next_column_and_what_could_give_them() -> None:
    # x = 65 % of 65 + 20 + 15 - 2.5 for the field = 74.75
    steps = _steps(
        employee(field_match=False),
        assessment(competency=measure("jpm", 60), potential=measure("score", 70)),
    )
    step = steps["x"]
    assert (step.box, step.cut, step.missing) == (8, Decimal(80), Decimal("5.25"))
    assert [(gain.code, gain.points, gain.suffices) for gain in step.gains] == [
        ("potential_competency", Decimal("22.75"), True),
        ("field_match", Decimal("2.5"), False),
    ]
    assert step.text.id == "Untuk masuk kotak 8, nilai potensial (X) masih kurang 5.2500 poin dari batas 80"


def test_points_to_the_next_row_and_which_predikat_would_give_them() -> None:
    steps = _steps(employee(), assessment(performance=[year(2025, "BUTUH_PERBAIKAN"), year(2024, "KURANG")]))
    step = steps["y"]
    assert (step.box, step.cut, step.missing) == (8, Decimal(70), Decimal(20))
    assert [(gain.code, gain.points, gain.suffices) for gain in step.gains] == [
        ("next_period.SANGAT_BAIK", Decimal(30), True),
        ("next_period.BAIK", Decimal(20), True),
        ("next_period.BUTUH_PERBAIKAN", Decimal(10), False),
    ]


def test_at_the_top_there_is_no_step() -> None:
    best = assessment(performance=[year(2025, "SANGAT_BAIK"), year(2024, "SANGAT_BAIK")])
    assert _steps(employee(), best) == {}


def test_without_a_box_the_reasons_come_first() -> None:
    assert _steps(employee(), assessment(competency=None)) == {}


@given(employees(), assessments(), POLICIES, DAYS)
def test_step_leads_into_the_box_it_names(
    person: EmployeeState,
    measured: AssessmentState,
    policy: TalentPolicy,
    on: date,
) -> None:
    result = evaluate(person, measured, policy, on)
    for step in next_steps(result, policy, potential_components(person, measured, policy.x, on)):
        assert result.x is not None
        assert result.y is not None
        x = result.x + step.missing if step.axis == "x" else result.x
        y = result.y + step.missing if step.axis == "y" else result.y
        assert step.missing > 0
        assert place(x, y, policy)[1] == step.box
        assert all(gain.points > 0 for gain in step.gains)
        assert all(gain.suffices == (gain.points >= step.missing) for gain in step.gains)


@given(employees(), assessments(), POLICIES, DAYS)
def test_components_add_up_to_their_axis(
    person: EmployeeState,
    measured: AssessmentState,
    policy: TalentPolicy,
    on: date,
) -> None:
    result = evaluate(person, measured, policy, on)
    if result.x is not None:
        parts = potential_components(person, measured, policy.x, on)
        assert total(part.weight * part.score for part in parts if part.score is not None) == result.x
    if result.y is not None:
        parts = period_components(result)
        assert total(part.weight * part.score for part in parts if part.score is not None) == result.y
