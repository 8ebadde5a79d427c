"""Parts that are shared make no other evaluation than each person's own."""

import json
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.placement.eligibility.rules import Employed
from services.placement.policies.rules import TalentPolicy
from services.placement.potential.rules import Qualified
from services.placement.talents.rules import Evaluation, evaluate
from services.placement.verification.rules import EMPLOYED, QUALIFIED, Evaluator, Inputs
from shared.events.assessment import AssessmentState
from shared.events.profile import EmployeeState
from tests.placement.people import DEFAULT, DJBK, ON, assessment, employee, year
from tests.placement.strategies import DAYS, assessments, employees

POLICIES = st.sampled_from([DEFAULT, DJBK])
ID, OTHER = UUID(int=1), UUID(int=2)


def evaluated(
    evaluator: Evaluator, state: EmployeeState, measured: AssessmentState | None, policy: TalentPolicy, on: date
) -> Evaluation:
    """From what the row keeps."""
    record = state.model_dump(mode="json")
    qualified, employed = (json.dumps({name: record[name] for name in names}) for names in (QUALIFIED, EMPLOYED))
    inputs = Inputs(None, None, qualified, employed, "[]")
    if measured is not None:
        periods = json.dumps(measured.model_dump(mode="json")["performance"])
        inputs = inputs._replace(competency=measured.competency, potential=measured.potential, performance=periods)
    return evaluator.evaluate(policy, on, inputs)


def stored(result: Evaluation) -> tuple[Any, ...]:
    """What a row holds of an evaluation."""
    axes = result.x, result.y, result.value, result.box, result.no_box_reasons, result.predikat
    return *axes, result.active, result.eligible, result.vetoes, result.in_pool, result.next_change_on


def test_what_is_shared_by_is_all_that_the_rules_can_read() -> None:
    for names, protocol in ((QUALIFIED, Qualified), (EMPLOYED, Employed)):
        assert set(names) == {name for name in vars(protocol) if isinstance(vars(protocol)[name], property)}


@given(
    people=st.lists(st.tuples(employees(), st.none() | assessments()), min_size=1, max_size=4),
    policy=POLICIES,
    on=DAYS,
)
def test_each_is_evaluated_as_if_he_were_alone(people: list[Any], policy: Any, on: Any) -> None:
    evaluator = Evaluator()
    # Everybody with everybody's measurements, so that parts are met again.
    for state, _ in people:
        for _, measured in people:
            expected = evaluate(state, measured, policy, on)
            assert stored(evaluated(evaluator, state, measured, policy, on)) == stored(expected)


def test_of_two_scores_of_a_period_the_ids_decide() -> None:
    evaluator = Evaluator()
    found = []
    for first, second in ((ID, OTHER), (OTHER, ID)):
        scores = [year(2025, "SANGAT_BAIK", score_id=first), year(2025, "KURANG", score_id=second)]
        state = assessment(performance=scores)
        found.append(evaluated(evaluator, employee(), state, DEFAULT, ON).y)
        assert found[-1] == evaluate(employee(), state, DEFAULT, ON).y
    assert found[0] != found[1]
