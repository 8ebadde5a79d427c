"""What is made once for all who were measured alike is the body of each."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.assessment.performance.rules import HeldScore, Score, period_of
from services.assessment.results.rules import state_of
from services.assessment.talent_assessments.rules import HeldAssessment, TalentAssessment
from services.assessment.verification.rules import FIELD, ROW, body_of
from shared.asn.predikat import Ekspektasi, Predikat
from shared.events.assessment import PeriodKind

ON = date(2026, 12, 31)
NOBODY = UUID(int=0)
NUMBERS = st.none() | st.decimals(0, 100, places=2)


@st.composite
def scores(draw: st.DrawFn) -> list[HeldScore]:
    """One of each year, some of them beyond the horizon."""
    rating = st.none() | st.sampled_from(Ekspektasi)
    return [
        HeldScore(
            draw(st.uuids()),
            draw(st.integers(1, 3)),
            Score(
                period_of(PeriodKind.YEARLY, year, None, on=ON),
                draw(st.sampled_from(Predikat)),
                draw(rating),
                draw(rating),
            ),
        )
        for year in draw(st.lists(st.integers(2015, 2026), unique=True, max_size=4))
    ]


@st.composite
def assessments(draw: st.DrawFn) -> list[HeldAssessment]:
    """Several of one day as well, with one part or both."""
    days = draw(st.lists(st.dates(date(2025, 1, 1), date(2025, 1, 3)), max_size=3))
    return [
        HeldAssessment(
            draw(st.uuids()),
            version,
            TalentAssessment(day, day + timedelta(days=draw(st.integers(0, 900))), draw(NUMBERS), draw(NUMBERS)),
        )
        for version, day in enumerate(days, start=1)
    ]


def texts(held: list[HeldScore], assessed: list[HeldAssessment]) -> tuple[str, str, str]:
    """As the database tells them."""
    return (
        _rows(
            (
                one.version,
                one.score.period.kind,
                one.score.period.starts_on,
                one.score.period.ends_on,
                one.score.hasil,
                one.score.perilaku,
                one.score.predikat,
            )
            for one in held
        ),
        _rows((one.score_id,) for one in held),
        _rows(
            (
                one.assessment_id,
                one.version,
                one.assessment.assessed_on,
                one.assessment.valid_until,
                one.assessment.jpm,
                one.assessment.potential,
            )
            for one in assessed
        ),
    )


def _rows(rows: Any) -> str:
    return ROW.join(FIELD.join("" if field is None else str(field) for field in row) for row in rows)


@given(held=scores(), assessed=assessments())
def test_the_body_is_that_of_the_state(held: list[HeldScore], assessed: list[HeldAssessment]) -> None:
    state = state_of(NOBODY, held, assessed, version=1).model_dump(mode="json", exclude={"version", "employee_id"})
    assert json.loads(body_of(*texts(held, assessed))) == state


def test_whoever_was_measured_alike_keeps_his_own_ids_and_days() -> None:
    bodies = []
    for number in (1, 2):
        day = date(2025, 1, number)
        score = Score(period_of(PeriodKind.YEARLY, 2025, None, on=ON), Predikat.BAIK)
        assessment = TalentAssessment(day, day.replace(year=2028), Decimal(80), Decimal(90))
        held = texts(
            [HeldScore(UUID(int=number), 1, score)], [HeldAssessment(UUID(int=number + 2), 1, assessment)]
        )
        bodies.append(json.loads(body_of(*held)))
    assert [body["performance"][0]["score_id"] for body in bodies] == [str(UUID(int=number)) for number in (1, 2)]
    assert [body["competency"]["assessment_id"] for body in bodies] == [str(UUID(int=number)) for number in (3, 4)]
    assert [body["potential"]["assessed_on"] for body in bodies] == ["2025-01-01", "2025-01-02"]
