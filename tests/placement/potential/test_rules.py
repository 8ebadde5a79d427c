"""The X axis item by item: scores of the policy, what is missing, what has expired."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.placement.explanations.rules import Component, Item, potential_components
from services.placement.policies.rules import TalentPolicy
from services.placement.potential.rules import Gap, PotentialScore, score_potential
from tests.placement.people import DEFAULT, DJBK, ON, assessment, employee, measure, punishment


def _score(policy: TalentPolicy = DEFAULT, on: date = ON, **changes: Any) -> PotentialScore:
    return score_potential(employee(**changes), assessment(), policy.x, on)


def _components(policy: TalentPolicy = DEFAULT, on: date = ON, **changes: Any) -> tuple[Component, ...]:
    return potential_components(employee(**changes), assessment(), policy.x, on)


def _item(components: tuple[Component, ...], item: Item) -> Component:
    parts = [each for part in components for each in (part, *part.parts)]
    return next(part for part in parts if part.item == item)


def test_best_of_everything_with_90_measured() -> None:
    assert _score().x == Decimal("93.5000")


@pytest.mark.parametrize(
    ("level", "default", "djbk"),
    [
        ("S-3", 100, 100),
        ("S-2", 90, 90),
        ("S-1", 80, 80),
        ("D-IV", 80, 80),
        ("D-III", 70, 70),
        ("D-II", 60, 60),
        ("D-I", 60, 60),
        ("SLTA", 60, 60),
        ("SLTP", 50, 60),
        ("SD", 50, 60),
        (None, 50, 60),
    ],
)
def test_education_scores(level: str | None, default: int, djbk: int) -> None:
    assert _item(_components(education=level), Item.EDUCATION).score == default
    assert _item(_components(DJBK, education=level), Item.EDUCATION).score == djbk


def test_missing_items_get_their_lowest_score_and_are_named() -> None:
    nothing: dict[str, Any] = {"education": None, "field_match": None, "development": None, "experience": {}}
    components = _components(**nothing)
    missing = {name for part in components for name in part.missing}
    assert missing == {
        "education",
        "field_match",
        "development",
        "experience_years",
        "experience_variety",
        "experience_substance",
    }
    assert _item(components, Item.EXPERIENCE).score == (Decimal(60) + 60 + 50) / 3
    # 65 % of 90, three items at 50, experience, a clean record: nothing is rescaled.
    assert _score(**nothing).x == Decimal("83.8333")


def test_experience_is_the_mean_of_its_three_items() -> None:
    found = _item(
        _components(experience={"years": "4", "variety": "SATU_UNIT", "substance": False}), Item.EXPERIENCE
    )
    assert [part.score for part in found.parts] == [80, 60, 50]
    assert found.score == Decimal(190) / 3


@pytest.mark.parametrize(
    ("discipline", "expected"),
    [
        ([], 100),
        ([punishment("RINGAN", "2020-01-01")], 75),
        ([punishment("SEDANG", "2020-01-01")], 50),
        ([punishment("BERAT", "2020-01-01")], 25),
        ([punishment("RINGAN", "2020-01-01"), punishment("BERAT", "2010-01-01")], 25),
        ([punishment("BERAT", "2020-01-01", annulled=True)], 100),
        ([punishment("RINGAN", "2026-11-01", "2026-11-24")], 0),
        ([punishment("RINGAN", "2026-11-01", "2026-11-23")], 75),
        ([punishment("RINGAN", "2026-11-01", "2026-12-31", annulled=True)], 100),
        ([punishment("RINGAN", "2026-11-25", "2026-12-31")], 100),
    ],
)
def test_integrity_is_that_of_the_worst_punishment_not_annulled(
    discipline: list[dict[str, Any]],
    expected: int,
) -> None:
    assert _item(_components(discipline=discipline), Item.INTEGRITY).score == expected


def test_sedang_costs_seven_and_a_half_points_of_x() -> None:
    # Half of the item's 15 points.
    clean, punished = _score(DJBK), _score(DJBK, discipline=[punishment("SEDANG", "2026-01-01")])
    assert clean.x is not None
    assert punished.x == clean.x - Decimal("7.5")


def test_jpm_above_100_counts_as_100_and_is_shown_as_measured() -> None:
    state = assessment(competency=measure("jpm", "138.89"))
    part = _item(potential_components(employee(), state, DEFAULT.x, ON), Item.COMPETENCY)
    assert part.score == 100
    assert part.found == "138.89"


@pytest.mark.parametrize(
    ("changes", "gaps"),
    [
        ({"competency": None}, (Gap.COMPETENCY_MISSING,)),
        ({"potential": None}, (Gap.POTENTIAL_MISSING,)),
        ({"competency": None, "potential": None}, (Gap.COMPETENCY_MISSING, Gap.POTENTIAL_MISSING)),
        ({"competency": measure("jpm", 90, valid_until="2026-11-23")}, (Gap.COMPETENCY_EXPIRED,)),
        ({"competency": measure("jpm", 90, valid_until="2026-11-24")}, ()),
        (
            {"potential": measure("score", 90, assessed_on="2023-11-23", valid_until="2030-01-01")},
            (Gap.POTENTIAL_EXPIRED,),
        ),
        ({"potential": measure("score", 90, assessed_on="2023-11-24", valid_until="2030-01-01")}, ()),
        ({"potential": measure("score", 90, assessed_on="2026-11-25")}, (Gap.POTENTIAL_MISSING,)),
    ],
)
def test_without_both_measures_valid_there_is_no_x(changes: dict[str, Any], gaps: tuple[Gap, ...]) -> None:
    scored = score_potential(employee(), assessment(**changes), DEFAULT.x, ON)
    assert scored.gaps == gaps
    assert (scored.x is None) == bool(gaps)


def test_djbk_takes_the_jpm_alone() -> None:
    assert score_potential(employee(), assessment(potential=None), DJBK.x, ON).x == Decimal("93.5")


def test_changes_when_a_measure_expires_and_when_a_punishment_has_been_served() -> None:
    scored = _score(discipline=[punishment("RINGAN", "2026-11-01", "2026-12-31")])
    assert set(scored.changes_on) == {date(2028, 10, 31) + timedelta(days=1), date(2027, 1, 1)}


@pytest.mark.parametrize(
    ("assessed_on", "last"),
    [("2023-11-24", "2026-11-24"), ("2024-02-29", "2027-02-28"), ("2025-05-20", "2028-05-20")],
)
def test_counts_through_the_last_day_that_assessment_says(assessed_on: str, last: str) -> None:
    # That is the same day three years later, where its source gives none.
    state = assessment(competency=measure("jpm", 90, assessed_on=assessed_on, valid_until=last))
    on = date.fromisoformat(last)
    assert score_potential(employee(), state, DJBK.x, on).gaps == ()
    assert score_potential(employee(), state, DJBK.x, on + timedelta(days=1)).gaps == (Gap.COMPETENCY_EXPIRED,)


def test_points_of_the_components_add_up_to_x() -> None:
    changes: dict[str, Any] = {
        "education": "D-III",
        "experience": {"years": "1"},
        "discipline": [punishment("RINGAN", "2020-01-01")],
    }
    points = [part.points for part in _components(**changes)]
    assert None not in points
    assert round(sum(point for point in points if point is not None), 4) == _score(**changes).x
