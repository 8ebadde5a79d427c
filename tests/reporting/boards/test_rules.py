"""The merit index: exact, rounded once, half-open bands, equal index equal rank."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.boards.rules import (
    COVERAGE_TOO_LOW,
    NO_ACTIVE_EMPLOYEES,
    NOBODY_MEASURED,
    NOT_MEASURED_YET,
    MeritPolicy,
    assess,
    half_up,
    policy_in_force,
    step_of,
)
from services.reporting.folding.rules import Tally

POLICY = policy_in_force()
TALLY = Tally(active=10, with_x=9, x_sum=7_255_000, with_y=10, y_sum=8_123_400, boxed=9)
"""Mean y 81.234, mean x 80.611…, 90 % in a box."""


def test_the_default_policy_is_that_of_the_design() -> None:
    assert [(clause.code, clause.weight) for clause in POLICY.components] == [
        ("performance", 30),
        ("talent_potential", 25),
        ("mapping_coverage", 20),
        ("succession_depth", 15),
        ("merit_placement", 10),
    ]
    assert (POLICY.policy_id, POLICY.least_coverage) == ("merit-default-1", 50)


def test_a_worked_example() -> None:
    assessed = assess(TALLY, POLICY)
    # (30 × 81.234 + 25 × 725.5/9 + 20 × 90) / 75 / 100, by hand: 0.833639…
    by_hand = (30 * Fraction("81.234") + 25 * Fraction("725.5") / 9 + 20 * 90) / 75 / 100
    assert assessed.index == Decimal("0.833640")
    assert abs(Fraction(assessed.index) - by_hand) <= Fraction(1, 2_000_000)
    assert assessed.unranked_reason is None
    performance, potential, coverage, *missing = assessed.components
    assert (performance.numerator, performance.denominator, performance.value) == (
        Decimal("812.34"),
        10,
        Decimal("81.234"),
    )
    assert (potential.numerator, potential.denominator, potential.value) == (
        Decimal("725.5"),
        9,
        Decimal("80.611111"),
    )
    assert (coverage.numerator, coverage.denominator, coverage.value) == (Decimal(9), 10, Decimal(90))
    assert [part.applied_weight for part in assessed.components] == [
        Decimal(40),
        Decimal("33.333333"),
        Decimal("26.666667"),
        0,
        0,
    ]
    assert [(part.value, part.dropped) for part in missing] == [(None, NOT_MEASURED_YET)] * 2


def test_a_component_of_nobody_drops_out_and_its_weight_goes_to_the_others() -> None:
    assessed = assess(TALLY._replace(with_y=0, y_sum=0), POLICY)
    performance = assessed.components[0]
    assert (performance.value, performance.applied_weight, performance.dropped) == (
        None,
        Decimal(0),
        NOBODY_MEASURED,
    )
    assert [part.applied_weight for part in assessed.components[1:3]] == [
        Decimal("55.555556"),
        Decimal("44.444444"),
    ]


def test_the_best_of_all_regions_has_one_and_the_worst_zero() -> None:
    best = Tally(active=3, with_x=3, x_sum=3_000_000, with_y=3, y_sum=3_000_000, boxed=3)
    assert assess(best, POLICY).index == 1
    assert assess(Tally(active=3, with_x=3, with_y=3), POLICY).index == 0


@pytest.mark.parametrize(
    ("active", "boxed", "reason"),
    [
        (0, 0, NO_ACTIVE_EMPLOYEES),
        (1000, 499, COVERAGE_TOO_LOW),
        (1000, 500, None),
        (1, 1, None),
        (3, 1, COVERAGE_TOO_LOW),
    ],
)
def test_half_of_the_active_must_have_a_box(active: int, boxed: int, reason: str | None) -> None:
    assert assess(Tally(active=active, boxed=boxed), POLICY).unranked_reason == reason


def test_nobody_active_has_no_index() -> None:
    assert assess(Tally(), POLICY).index is None


@pytest.mark.parametrize(
    ("index", "band"),
    [
        ("0.000000", "DASAR"),
        ("0.409999", "DASAR"),
        ("0.410000", "LANJUTAN"),
        ("0.609999", "LANJUTAN"),
        ("0.610000", "MENENGAH"),
        ("0.809999", "MENENGAH"),
        ("0.810000", "TINGGI"),
        ("1.000000", "TINGGI"),
    ],
)
def test_bands_by_their_lower_bounds(index: str, band: str) -> None:
    assert step_of(POLICY.bands, Decimal(index)) == band


@pytest.mark.parametrize(
    ("score", "category"),
    [
        ("174.9", "BURUK"),
        ("175", "KURANG"),
        ("249.5", "KURANG"),
        ("250", "BAIK"),
        ("324.99", "BAIK"),
        ("325", "SANGAT_BAIK"),
    ],
)
def test_a_score_between_two_old_categories_falls_into_one(score: str, category: str) -> None:
    assert step_of(POLICY.categories, Decimal(score)) == category


@given(st.fractions(0, 100, max_denominator=10_000), st.integers(0, 6))
def test_rounding_is_half_up(number: Fraction, places: int) -> None:
    rounded = half_up(number.numerator, number.denominator, places)
    half = Fraction(1, 2 * 10**places)
    assert -half < number - Fraction(rounded) < half or Fraction(rounded) - number == half
    assert rounded.as_tuple().exponent == -places


def test_half_goes_up() -> None:
    assert half_up(1, 2_000_000, 6) == Decimal("0.000001")
    assert half_up(5, 2_000_000, 6) == Decimal("0.000003")


def test_a_policy_whose_weights_are_not_whole_is_refused() -> None:
    broken = POLICY.model_dump()
    broken["components"][0]["weight"] = 31
    with pytest.raises(ValueError, match="100"):
        MeritPolicy.model_validate(broken)
    broken = POLICY.model_dump()
    broken["bands"][0]["at_least"] = "0.1"
    with pytest.raises(ValueError, match="ascend"):
        MeritPolicy.model_validate(broken)
