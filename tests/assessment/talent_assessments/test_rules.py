"""Categories of job person match and potential, validity, and which part of which assessment counts."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.submissions.rules import RefusedError
from services.assessment.talent_assessments.rules import (
    HeldAssessment,
    MeasuredPart,
    TalentAssessment,
    in_force,
    jpm_category,
    potential_category,
    says_the_same,
    validity_of,
)

DAY = date(2025, 5, 20)


@pytest.mark.parametrize(
    ("jpm", "category"),
    [
        ("0", "KMS"),
        ("67.999", "KMS"),
        ("68", "MMS"),
        ("79.999", "MMS"),
        ("80", "MS"),
        ("100", "MS"),
        ("138.89", "MS"),
    ],
)
def test_jpm_bands_are_half_open(jpm: str, category: str) -> None:
    assert jpm_category(Decimal(jpm)) == category


@pytest.mark.parametrize(
    ("score", "category"),
    [
        ("0", "KURANG_OPTIMAL"),
        ("77.9999", "KURANG_OPTIMAL"),
        ("78", "CUKUP_OPTIMAL"),
        ("89.9999", "CUKUP_OPTIMAL"),
        ("90", "OPTIMAL"),
        ("100", "OPTIMAL"),
    ],
)
def test_potential_bands_are_half_open(score: str, category: str) -> None:
    assert potential_category(Decimal(score)) == category


@given(st.decimals(0, 1000, places=4), st.decimals(0, 1000, places=4))
def test_more_is_never_a_worse_category(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert ["KMS", "MMS", "MS"].index(jpm_category(low)) <= ["KMS", "MMS", "MS"].index(jpm_category(high))


@pytest.mark.parametrize(
    ("assessed_on", "valid_until"),
    [
        (date(2023, 5, 20), date(2026, 5, 20)),
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2021, 3, 1), date(2024, 3, 1)),
    ],
)
def test_assessment_is_valid_for_three_years(assessed_on: date, valid_until: date) -> None:
    assert validity_of(assessed_on, None, on=DAY) == valid_until


def test_given_validity_is_taken() -> None:
    assert validity_of(DAY, DAY, on=DAY) == DAY


def test_assessment_of_tomorrow_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        validity_of(DAY + timedelta(days=1), None, on=DAY)
    assert refused.value.pointer == "/assessed_on"


def test_validity_that_ends_before_it_began_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        validity_of(DAY, DAY - timedelta(days=1), on=DAY)
    assert refused.value.pointer == "/valid_until"


def _held(
    jpm: int | None, potential: int | None, *, version: int = 1, on: date = DAY, held_id: UUID | None = None
) -> HeldAssessment:
    return HeldAssessment(held_id or uuid4(), version, _assessment(jpm, potential, on=on))


def _assessment(jpm: int | None, potential: int | None, *, on: date = DAY, document: str = "") -> TalentAssessment:
    return TalentAssessment(
        on,
        on + timedelta(days=1000),
        None if jpm is None else Decimal(jpm),
        None if potential is None else Decimal(potential),
        document,
    )


def test_part_left_out_later_on_the_same_day_stays_in_force() -> None:
    both, potential_only = _held(80, 70), _held(None, 75, version=2)
    assert in_force([both, potential_only], MeasuredPart.JPM) is both
    assert in_force([both, potential_only], MeasuredPart.POTENTIAL) is potential_only


def test_newer_day_counts_whatever_its_version() -> None:
    corrected, newer = _held(80, None, version=7), _held(60, None, on=DAY + timedelta(days=1))
    assert in_force([newer, corrected], MeasuredPart.JPM) is newer


def test_part_never_measured_is_not_in_force() -> None:
    assert in_force([_held(80, None)], MeasuredPart.POTENTIAL) is None


def test_same_content_says_the_same_however_it_was_split() -> None:
    held = [_held(80, None), _held(None, 70, version=2)]
    assert says_the_same(held, TalentAssessment(DAY, DAY + timedelta(days=1000), Decimal("80.0"), Decimal(70), ""))
    assert says_the_same(held, _assessment(None, 70))


@pytest.mark.parametrize(
    "new",
    [
        _assessment(81, 70),
        _assessment(80, 71),
        _assessment(80, 70, document="AC 2"),
        TalentAssessment(DAY, DAY + timedelta(days=1001), Decimal(80), Decimal(70), ""),
    ],
)
def test_any_difference_says_something_else(new: TalentAssessment) -> None:
    assert not says_the_same([_held(80, 70)], new)
