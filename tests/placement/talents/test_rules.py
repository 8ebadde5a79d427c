"""The whole evaluation: worked examples of the field, all nine boxes, and what must hold for any input."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.placement.policies.rules import TalentPolicy
from services.placement.talents.rules import (
    TEXTS,
    EmployeeInput,
    Evaluation,
    Remark,
    evaluate,
    place,
    talent_value,
)
from shared.events.assessment import AssessmentState
from shared.events.profile import EmployeeState
from tests.placement.people import DEFAULT, DJBK, ON, assessment, employee, measure, punishment, year
from tests.placement.strategies import DAYS, assessments, employees

POLICIES = st.sampled_from([DEFAULT, DJBK])
CLOSE = Decimal("0.0001")


@pytest.mark.parametrize(
    ("jpm", "predikat", "x", "value", "published"),
    [
        ("93.47", "BAIK", "93.5888", "86.7944", "86.79"),
        ("63.476", "SANGAT_BAIK", "74.0927", "87.0463", "87.05"),
    ],
)
def test_worked_examples_of_djbk(jpm: str, predikat: str, x: str, value: str, published: str) -> None:
    # In both the four items of 5 % add up to 17.8333, and a clean record gives 15.
    result = evaluate(
        employee(education="S-1", experience={"years": "5", "variety": "LINTAS_UNIT_KERJA", "substance": False}),
        assessment(competency=measure("jpm", jpm), performance=[year(2025, predikat)]),
        DJBK,
        ON,
    )
    assert result.x is not None
    assert result.y is not None
    assert abs(result.x - Decimal(x)) <= CLOSE
    assert abs((result.x + result.y) / 2 - Decimal(value)) <= CLOSE
    assert result.value == Decimal(published)


@pytest.mark.parametrize(
    ("x", "predikat", "box"),
    [
        ("79.9999", "SANGAT_BAIK", 7),
        ("80", "SANGAT_BAIK", 9),
        ("59.9999", "SANGAT_BAIK", 4),
        ("59.9999", "BAIK", 2),
        ("60", "BAIK", 5),
        ("80", "BAIK", 8),
        ("59.9999", "BUTUH_PERBAIKAN", 1),
        ("60", "BUTUH_PERBAIKAN", 3),
        ("80", "BUTUH_PERBAIKAN", 6),
    ],
)
def test_all_nine_boxes_of_the_default(x: str, predikat: str, box: int) -> None:
    y = DEFAULT.y.predikat[predikat]  # type: ignore[index]  # a StrEnum finds its text
    assert place(Decimal(x), y, DEFAULT)[1] == box


@pytest.mark.parametrize(
    ("y", "box"),
    [("69.9999", 6), ("70", 8), ("89.9999", 8), ("90", 9)],
)
def test_default_cuts_y_at_70_and_90(y: str, box: int) -> None:
    assert place(Decimal(80), Decimal(y), DEFAULT)[1] == box


def test_pool_needs_a_box_of_the_succession_group_and_no_veto() -> None:
    assert evaluate(employee(), assessment(), DEFAULT, ON).in_pool
    vetoed = evaluate(employee(kind="PPPK"), assessment(), DEFAULT, ON)
    assert (vetoed.box, vetoed.in_pool) == (8, False)
    low = evaluate(employee(), assessment(performance=[year(2025, "BUTUH_PERBAIKAN")]), DEFAULT, ON)
    assert (low.box, low.eligible, low.in_pool) == (6, True, False)


def test_without_assessment_there_is_no_box_and_it_says_why() -> None:
    result = evaluate(employee(), None, DEFAULT, ON)
    assert (result.x, result.y, result.value, result.box, result.in_pool) == (None, None, None, None, False)
    assert result.no_box_reasons == ("competency_missing", "potential_missing", "performance_missing")
    assert result.eligible


def test_one_axis_missing_keeps_the_other() -> None:
    result = evaluate(employee(), assessment(competency=None), DEFAULT, ON)
    assert result.y == 80
    assert (result.x, result.value, result.box) == (None, None, None)


def test_value_is_rounded_half_up_to_two_places() -> None:
    assert talent_value(Decimal("80.0100"), Decimal(80), DEFAULT.value) == Decimal("80.01")
    assert talent_value(Decimal("80.0099"), Decimal(80), DEFAULT.value) == Decimal("80.00")


def test_remarks_name_what_was_not_there() -> None:
    result = evaluate(employee(retires_on=None), assessment(performance=[year(2025)]), DEFAULT, ON)
    assert result.remarks == (Remark.SINGLE_PERIOD, Remark.RETIREMENT_DATE_MISSING)


def test_input_without_nip_and_name_gives_the_same() -> None:
    state = employee(discipline=[punishment("RINGAN", "2020-01-01")])
    kept = EmployeeInput.model_validate_json(state.model_dump_json(include=set(EmployeeInput.model_fields)))
    assert evaluate(kept, assessment(employee_id=state.employee_id), DEFAULT, ON).x == Decimal("89.7500")
    assert not {"nip", "name"} & set(EmployeeInput.model_fields)


def _shown(result: Evaluation) -> tuple[Any, ...]:
    """All that a reader can see of a result, but its day."""
    return (
        result.x,
        result.y,
        result.value,
        result.box,
        result.no_box_reasons,
        result.predikat,
        result.active,
        tuple(veto.code for veto in result.vetoes),
        result.in_pool,
        result.remarks,
    )


@given(employees(), assessments(), POLICIES, DAYS)
def test_a_box_stands_exactly_when_no_reason_speaks_against_it(
    person: EmployeeState,
    measured: AssessmentState,
    policy: TalentPolicy,
    on: date,
) -> None:
    result = evaluate(person, measured, policy, on)
    assert (result.box is None) == bool(result.no_box_reasons)
    assert (result.value is None) == (result.box is None)
    assert result.eligible == (not result.vetoes)
    assert not result.in_pool or (result.box in {7, 8, 9} and result.eligible)
    assert all(code in TEXTS for code in (*result.no_box_reasons, *(veto.code for veto in result.vetoes)))
    for axis in (result.x, result.y):
        assert axis is None or 0 <= axis <= 100


@given(employees(), assessments(), POLICIES, DAYS, st.integers(0, 2**32))
def test_order_of_inputs_does_not_matter(
    person: EmployeeState,
    measured: AssessmentState,
    policy: TalentPolicy,
    on: date,
    seed: int,
) -> None:
    shuffled = Random(seed)  # noqa: S311  # an order, no secret
    discipline, performance = list(person.discipline), list(measured.performance)
    shuffled.shuffle(discipline)
    shuffled.shuffle(performance)
    again = evaluate(
        person.model_copy(update={"discipline": tuple(discipline)}),
        measured.model_copy(update={"performance": tuple(performance)}),
        policy,
        on,
    )
    first = evaluate(person, measured, policy, on)
    assert _shown(again) == _shown(first)
    assert again.next_change_on == first.next_change_on


@settings(max_examples=300)
@given(employees(), assessments(), POLICIES, DAYS, st.data())
def test_nothing_changes_before_the_next_change(
    person: EmployeeState,
    measured: AssessmentState,
    policy: TalentPolicy,
    on: date,
    data: st.DataObject,
) -> None:
    result = evaluate(person, measured, policy, on)
    last = date(2040, 1, 1) if result.next_change_on is None else result.next_change_on - timedelta(days=1)
    assert result.next_change_on is None or result.next_change_on > on
    for day in (last, data.draw(st.dates(on, max(on, last)))):
        assert _shown(evaluate(person, measured, policy, day)) == _shown(result)


@given(employees(), assessments(), POLICIES, st.sampled_from(["competency", "potential"]), st.data())
def test_a_higher_measure_never_lowers_the_box(
    person: EmployeeState,
    measured: AssessmentState,
    policy: TalentPolicy,
    name: str,
    data: st.DataObject,
) -> None:
    before = getattr(measured, name)
    kind = {"competency": "jpm", "potential": "score"}[name]
    assume(before is not None)
    better = data.draw(st.decimals(getattr(before, kind), 100, places=2))
    raised = measured.model_copy(update={name: before.model_copy(update={kind: better})})
    on = data.draw(st.dates(before.assessed_on, before.valid_until))
    first, second = evaluate(person, measured, policy, on), evaluate(person, raised, policy, on)
    assert (first.x is None) == (second.x is None)
    assert (first.x or 0) <= (second.x or 0)
    assert (first.box or 0) <= (second.box or 0)
