"""Any inputs that the contracts allow, with dates close enough to each other to meet."""

from datetime import date, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from shared.asn.education import EducationLevel
from shared.asn.employment import DisciplineLevel, EmployeeKind
from shared.asn.experience import ExperienceVariety
from shared.asn.predikat import Predikat
from shared.events.assessment import AssessmentState, PeriodKind
from shared.events.profile import EmployeeState
from tests.placement.people import assessment, employee

DAYS: Final = st.dates(date(2021, 1, 1), date(2031, 12, 31))
_UNKNOWN: Final = st.sampled_from([date.min, date.max])
"""What sources write for a day that they do not know, or that never comes."""
_SCORES: Final = st.decimals(0, 100, places=2)


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def _punishment(draw: st.DrawFn) -> dict[str, Any]:
    imposed_on = draw(DAYS)
    served = st.integers(0, 800).map(lambda days: imposed_on + timedelta(days=days))
    return {
        "level": draw(st.sampled_from(DisciplineLevel)),
        "imposed_on": imposed_on,
        "until": draw(_optional(served | _UNKNOWN)),
        "annulled": draw(st.booleans()),
    }


@st.composite
def _period(draw: st.DrawFn) -> dict[str, Any]:
    ends_on = draw(DAYS)
    return {
        "score_id": draw(st.uuids()),
        "period_kind": draw(st.sampled_from(PeriodKind)),
        "starts_on": ends_on - timedelta(days=364),
        "ends_on": ends_on,
        "predikat": draw(st.sampled_from(Predikat)),
        "score_version": draw(st.integers(1, 3)),
    }


@st.composite
def _measure(draw: st.DrawFn, name: str) -> dict[str, Any]:
    assessed_on = draw(DAYS)
    return {
        "assessment_id": draw(st.uuids()),
        name: draw(_SCORES),
        "category": "MS",
        "assessed_on": assessed_on,
        "valid_until": assessed_on + timedelta(days=draw(st.integers(0, 1500))),
    }


@st.composite
def employees(draw: st.DrawFn) -> EmployeeState:
    """Any employee."""
    return employee(
        kind=draw(st.sampled_from(EmployeeKind)),
        kedudukan_hukum=draw(st.sampled_from(["01", "03", "15"])),
        retires_on=draw(_optional(DAYS | _UNKNOWN)),
        education=draw(_optional(st.sampled_from(EducationLevel))),
        field_match=draw(_optional(st.booleans())),
        development=draw(_optional(st.booleans())),
        experience={
            "years": draw(_optional(st.decimals(0, 40, places=1))),
            "variety": draw(_optional(st.sampled_from(ExperienceVariety))),
            "substance": draw(_optional(st.booleans())),
        },
        discipline=draw(st.lists(_punishment(), max_size=3)),
    )


@st.composite
def assessments(draw: st.DrawFn) -> AssessmentState:
    """Any state of assessments."""
    return assessment(
        performance=draw(st.lists(_period(), max_size=4)),
        competency=draw(_optional(_measure("jpm"))),
        potential=draw(_optional(_measure("score"))),
    )
