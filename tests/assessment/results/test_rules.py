"""What a state carries: the scores in force of five years, the newest competency and potential."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.assessment.performance.rules import PERIODS_A_YEAR, HeldScore, Score, period_of
from services.assessment.results.rules import Held, rests_on, state_of
from services.assessment.talent_assessments.rules import HeldAssessment, TalentAssessment
from shared.asn.predikat import Predikat
from shared.events.assessment import PeriodKind

EMPLOYEE = UUID(int=1)
ON = date(2030, 12, 31)


def _score(kind: PeriodKind, year: int, number: int | None = None) -> HeldScore:
    return HeldScore(uuid4(), 1, Score(period_of(kind, year, number, on=ON), Predikat.BAIK))


def _every_period_since(year: int) -> list[HeldScore]:
    return [
        _score(kind, each, None if count == 1 else number)
        for each in range(year, ON.year + 1)
        for kind, count in PERIODS_A_YEAR.items()
        for number in range(1, count + 1)
    ]


def test_state_is_bounded_whatever_was_handed_in() -> None:
    state = state_of(EMPLOYEE, _every_period_since(2000), (), version=1)
    kinds = [part.period_kind for part in state.performance]
    assert {kind: kinds.count(kind) for kind in PeriodKind} == {
        PeriodKind.YEARLY: 5,
        PeriodKind.QUARTERLY: 20,
        PeriodKind.MONTHLY: 60,
    }
    assert min(part.ends_on for part in state.performance) == date(2026, 1, 31)


def test_horizon_is_reckoned_from_the_newest_period() -> None:
    scores = [_score(PeriodKind.YEARLY, year) for year in (2010, 2011, 2015)]
    state = state_of(EMPLOYEE, scores, (), version=1)
    assert [part.starts_on.year for part in state.performance] == [2015, 2011]


def test_horizon_of_a_newest_period_that_ends_on_the_29th_of_february() -> None:
    scores = [
        _score(PeriodKind.MONTHLY, 2024, 2),
        _score(PeriodKind.MONTHLY, 2019, 2),
        _score(PeriodKind.MONTHLY, 2019, 3),
    ]
    state = state_of(EMPLOYEE, scores, (), version=1)
    assert [part.starts_on for part in state.performance] == [date(2024, 2, 1), date(2019, 3, 1)]


@given(st.permutations(_every_period_since(2029)))
def test_state_is_the_same_in_whatever_order_the_scores_are_read(scores: list[HeldScore]) -> None:
    state = state_of(EMPLOYEE, scores, (), version=1)
    assert state == state_of(EMPLOYEE, sorted(scores, key=lambda held: held.score_id), (), version=1)
    assert [part.ends_on for part in state.performance] == sorted(
        (part.ends_on for part in state.performance), reverse=True
    )


def test_jpm_is_carried_raw_and_categorised_capped() -> None:
    assessment = TalentAssessment(date(2025, 5, 20), date(2028, 5, 20), Decimal("138.89"), None)
    state = state_of(EMPLOYEE, (), [HeldAssessment(uuid4(), 1, assessment)], version=1)
    assert state.competency is not None
    assert (state.competency.jpm, state.competency.category) == (Decimal("138.89"), "MS")
    assert state.potential is None


def test_number_is_spelled_alike_wherever_it_comes_from() -> None:
    day = date(2025, 5, 20)
    held_id = uuid4()
    spelled = {
        state_of(
            EMPLOYEE,
            (),
            [HeldAssessment(held_id, 1, TalentAssessment(day, day + timedelta(days=1), None, Decimal(text)))],
            version=1,
        ).model_dump_json()
        for text in ("90", "90.0", "90.0000", "9E+1")
    }
    assert len(spelled) == 1


_SCORES = st.builds(
    Score,
    st.integers(2020, 2030).map(lambda year: period_of(PeriodKind.YEARLY, year, None, on=ON)),
    st.sampled_from(Predikat),
)
_ASSESSMENTS = st.builds(
    TalentAssessment,
    st.integers(0, 3).map(lambda days: date(2025, 5, 20) + timedelta(days)),
    st.just(date(2029, 1, 1)),
    st.sampled_from([None, Decimal(80)]),
    st.sampled_from([None, Decimal(60)]),
)


@given(st.lists(_SCORES | _ASSESSMENTS, max_size=12), _SCORES | _ASSESSMENTS)
def test_a_measurement_changes_the_state_if_and_only_if_the_state_rests_on_it(
    before: list[Score | TalentAssessment], added: Score | TalentAssessment
) -> None:
    held = Held()
    for measurement in before:
        _take(held, measurement)
    was = state_of(EMPLOYEE, held.scores.values(), held.assessments, version=1)
    measurement_id = _take(held, added)
    now = state_of(EMPLOYEE, held.scores.values(), held.assessments, version=1)
    assert rests_on(now, [measurement_id]) is (was != now)


def _take(held: Held, measurement: Score | TalentAssessment) -> UUID:
    measurement_id = uuid4()
    if isinstance(measurement, Score):
        held.take_score(measurement_id, measurement)
    else:
        held.take_assessment(measurement_id, measurement)
    return measurement_id
