"""The predikat table of PermenPANRB 6/2022, and the arithmetic of periods."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.performance.rules import PERIODS_A_YEAR, PREDIKAT_TABLE, period_of, settle_predikat
from services.assessment.submissions.rules import RefusedError
from shared.asn.predikat import Ekspektasi, Predikat
from shared.events.assessment import PeriodKind

ATAS, SESUAI, BAWAH = Ekspektasi.DI_ATAS, Ekspektasi.SESUAI, Ekspektasi.DI_BAWAH
ON = date(2026, 6, 15)
GOLDEN = [
    (ATAS, ATAS, Predikat.SANGAT_BAIK),
    (ATAS, SESUAI, Predikat.BAIK),
    (ATAS, BAWAH, Predikat.KURANG),
    (SESUAI, ATAS, Predikat.BAIK),
    (SESUAI, SESUAI, Predikat.BAIK),
    (SESUAI, BAWAH, Predikat.KURANG),
    (BAWAH, ATAS, Predikat.BUTUH_PERBAIKAN),
    (BAWAH, SESUAI, Predikat.BUTUH_PERBAIKAN),
    (BAWAH, BAWAH, Predikat.SANGAT_KURANG),
]
ratings = st.sampled_from(Ekspektasi)
predikats = st.sampled_from(Predikat)


@pytest.mark.parametrize(("hasil", "perilaku", "predikat"), GOLDEN)
def test_predikat_follows_the_table(hasil: Ekspektasi, perilaku: Ekspektasi, predikat: Predikat) -> None:
    assert settle_predikat(hasil, perilaku, None) is predikat
    assert settle_predikat(hasil, perilaku, predikat) is predikat


def test_table_has_all_nine_cells_and_no_other() -> None:
    assert {(hasil, perilaku) for hasil, perilaku, _ in GOLDEN} == PREDIKAT_TABLE.keys()


def test_table_is_not_the_worse_of_the_two_ratings() -> None:
    # A real integration computes max(hasil, perilaku) of SIASN's codes (1 is best): wrong in exactly three cells.
    by_code = {1: Predikat.SANGAT_BAIK, 2: Predikat.BAIK, 3: Predikat.BUTUH_PERBAIKAN}
    code = {ATAS: 1, SESUAI: 2, BAWAH: 3}
    wrong = {
        (hasil, perilaku)
        for hasil, perilaku, predikat in GOLDEN
        if by_code[max(code[hasil], code[perilaku])] is not predikat
    }
    assert wrong == {(ATAS, BAWAH), (SESUAI, BAWAH), (BAWAH, BAWAH)}


@given(ratings, ratings, predikats)
def test_ratings_and_another_predikat_are_refused(
    hasil: Ekspektasi, perilaku: Ekspektasi, predikat: Predikat
) -> None:
    if predikat is PREDIKAT_TABLE[hasil, perilaku]:
        return
    with pytest.raises(RefusedError) as refused:
        settle_predikat(hasil, perilaku, predikat)
    assert (refused.value.pointer, refused.value.code) == ("/predikat", "predikat_mismatch")


@given(predikats)
def test_predikat_alone_is_taken_as_it_is(predikat: Predikat) -> None:
    assert settle_predikat(None, None, predikat) is predikat


@pytest.mark.parametrize("predikat", [None, Predikat.BAIK])
def test_one_rating_alone_is_refused_where_the_other_is_missing(predikat: Predikat | None) -> None:
    with pytest.raises(RefusedError) as without_perilaku:
        settle_predikat(ATAS, None, predikat)
    with pytest.raises(RefusedError) as without_hasil:
        settle_predikat(None, ATAS, predikat)
    assert without_perilaku.value.pointer == "/perilaku"
    assert without_hasil.value.pointer == "/hasil"


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        settle_predikat(None, None, None)
    assert refused.value.code == "predikat_missing"


@pytest.mark.parametrize(
    ("kind", "year", "number", "starts_on", "ends_on"),
    [
        (PeriodKind.YEARLY, 2025, None, date(2025, 1, 1), date(2025, 12, 31)),
        (PeriodKind.QUARTERLY, 2025, 1, date(2025, 1, 1), date(2025, 3, 31)),
        (PeriodKind.QUARTERLY, 2025, 4, date(2025, 10, 1), date(2025, 12, 31)),
        (PeriodKind.MONTHLY, 2024, 2, date(2024, 2, 1), date(2024, 2, 29)),
        (PeriodKind.MONTHLY, 2025, 2, date(2025, 2, 1), date(2025, 2, 28)),
        (PeriodKind.MONTHLY, 2025, 12, date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_period_is_whole_calendar_months(
    kind: PeriodKind, year: int, number: int | None, starts_on: date, ends_on: date
) -> None:
    period = period_of(kind, year, number, on=ON)
    assert (period.kind, period.starts_on, period.ends_on) == (kind, starts_on, ends_on)


@pytest.mark.parametrize("kind", PeriodKind)
@given(year=st.integers(2000, 2025))
def test_periods_of_a_year_follow_each_other_without_gap(kind: PeriodKind, year: int) -> None:
    count = PERIODS_A_YEAR[kind]
    numbers = [None] if count == 1 else list(range(1, count + 1))
    periods = [period_of(kind, year, number, on=ON) for number in numbers]
    day = date(year, 1, 1)
    for period in periods:
        assert period.starts_on == day
        day = period.ends_on + timedelta(days=1)
    assert day == date(year + 1, 1, 1)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (PeriodKind.YEARLY, 1),
        (PeriodKind.YEARLY, 0),
        (PeriodKind.QUARTERLY, None),
        (PeriodKind.QUARTERLY, 0),
        (PeriodKind.QUARTERLY, 5),
        (PeriodKind.MONTHLY, None),
        (PeriodKind.MONTHLY, 13),
        (PeriodKind.MONTHLY, -1),
    ],
)
def test_number_that_does_not_fit_the_kind_is_refused(kind: PeriodKind, number: int | None) -> None:
    with pytest.raises(RefusedError) as refused:
        period_of(kind, 2025, number, on=ON)
    assert (refused.value.pointer, refused.value.code) == ("/period/number", "period_number")


@pytest.mark.parametrize(
    ("kind", "year", "number"),
    [(PeriodKind.YEARLY, 2027, None), (PeriodKind.QUARTERLY, 2026, 3), (PeriodKind.MONTHLY, 2026, 7)],
)
def test_period_that_has_not_begun_is_refused(kind: PeriodKind, year: int, number: int | None) -> None:
    with pytest.raises(RefusedError) as refused:
        period_of(kind, year, number, on=ON)
    assert refused.value.code == "period_in_future"


def test_period_counts_as_begun_from_its_first_day() -> None:
    first = date(2026, 7, 1)
    assert period_of(PeriodKind.MONTHLY, 2026, 7, on=first).starts_on == first
    with pytest.raises(RefusedError):
        period_of(PeriodKind.MONTHLY, 2026, 7, on=first - timedelta(days=1))
