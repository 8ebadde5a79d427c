"""The Y axis: which periods count, and their mean."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.placement.performance.rules import Gap, PerformanceScore, score_performance
from shared.events.assessment import Performance
from tests.placement.people import DEFAULT, DJBK, ON, year


def _score(*periods: dict[str, Any], on: date = ON) -> PerformanceScore:
    return score_performance([Performance.model_validate(period) for period in periods], DEFAULT.y, on)


@pytest.mark.parametrize(
    ("predikat", "number"),
    [("SANGAT_BAIK", 100), ("BAIK", 80), ("BUTUH_PERBAIKAN", 60), ("KURANG", 40), ("SANGAT_KURANG", 20)],
)
def test_each_predikat_has_its_number(predikat: str, number: int) -> None:
    assert _score(year(2025, predikat), year(2024, predikat)).y == number


def test_latest_two_years_count_whatever_their_order() -> None:
    years = (year(2023, "SANGAT_KURANG"), year(2025, "SANGAT_BAIK"), year(2024, "BAIK"))
    assert _score(*years).y == 90
    assert _score(*reversed(years)).y == 90
    assert _score(*years).predikat == "SANGAT_BAIK"


def test_djbk_takes_the_latest_alone() -> None:
    periods = [Performance.model_validate(period) for period in (year(2025, "SANGAT_BAIK"), year(2024))]
    assert score_performance(periods, DJBK.y, ON).y == 100


def test_single_year_counts_and_is_flagged() -> None:
    scored = _score(year(2025))
    assert scored.y == 80
    assert scored.single
    assert not _score(year(2025), year(2024)).single


def test_year_counts_from_the_day_after_its_end() -> None:
    assert _score(year(2025), on=date(2025, 12, 31)).gap is Gap.PERFORMANCE_MISSING
    assert _score(year(2025), on=date(2025, 12, 31)).changes_on == (date(2026, 1, 1),)
    assert _score(year(2025), on=date(2026, 1, 1)).y == 80


def test_year_counts_until_36_months_have_passed() -> None:
    assert _score(year(2023), on=date(2026, 12, 31)).y == 80
    assert _score(year(2023), on=date(2026, 12, 31)).changes_on == (date(2027, 1, 1),)
    gone = _score(year(2023), on=date(2027, 1, 1))
    assert (gone.y, gone.gap, gone.changes_on) == (None, Gap.PERFORMANCE_EXPIRED, ())


def test_only_yearly_periods_count() -> None:
    month = year(2026, "SANGAT_BAIK", period_kind="MONTHLY", starts_on="2026-10-01", ends_on="2026-10-31")
    assert _score(month).gap is Gap.PERFORMANCE_MISSING
    assert _score(month, year(2025)).y == 80


def test_newest_version_of_a_period_counts() -> None:
    scored = _score(year(2025, "BAIK", score_version=2), year(2025, "KURANG", score_version=1))
    assert scored.y == 80
    assert len(scored.periods) == 1


def test_mean_is_rounded_half_up_to_four_places() -> None:
    scored = _score(year(2025, "SANGAT_BAIK"), year(2024, "BAIK"))
    assert scored.y == Decimal("90.0000")
    assert scored.y is not None
    assert scored.y.as_tuple().exponent == -4
