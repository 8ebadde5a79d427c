"""Rules of performance scores: the predikat table and the periods. Pure; time is an input (`on`).

Source: PermenPANRB 6/2022 on the management of performance of ASN (Pengelolaan Kinerja Pegawai ASN), whose
predikat matrix crosses the rating of work results (hasil kerja) with that of conduct (perilaku kerja).
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from services.assessment.submissions.rules import Change, RefusedError
from shared.asn.predikat import Ekspektasi, Predikat
from shared.events.assessment import PeriodKind

PREDIKAT_TABLE: Final[Mapping[tuple[Ekspektasi, Ekspektasi], Predikat]] = MappingProxyType(
    {
        (Ekspektasi.DI_ATAS, Ekspektasi.DI_ATAS): Predikat.SANGAT_BAIK,
        (Ekspektasi.DI_ATAS, Ekspektasi.SESUAI): Predikat.BAIK,
        (Ekspektasi.DI_ATAS, Ekspektasi.DI_BAWAH): Predikat.KURANG,
        (Ekspektasi.SESUAI, Ekspektasi.DI_ATAS): Predikat.BAIK,
        (Ekspektasi.SESUAI, Ekspektasi.SESUAI): Predikat.BAIK,
        (Ekspektasi.SESUAI, Ekspektasi.DI_BAWAH): Predikat.KURANG,
        (Ekspektasi.DI_BAWAH, Ekspektasi.DI_ATAS): Predikat.BUTUH_PERBAIKAN,
        (Ekspektasi.DI_BAWAH, Ekspektasi.SESUAI): Predikat.BUTUH_PERBAIKAN,
        (Ekspektasi.DI_BAWAH, Ekspektasi.DI_BAWAH): Predikat.SANGAT_KURANG,
    },
)
"""(hasil, perilaku) to predikat, all nine cells of PermenPANRB 6/2022. `max` of the two fails in three of them."""

PERIODS_A_YEAR: Final[Mapping[PeriodKind, int]] = MappingProxyType(
    {PeriodKind.YEARLY: 1, PeriodKind.QUARTERLY: 4, PeriodKind.MONTHLY: 12},
)
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Period:
    """An appraisal period, whole calendar months, both days inclusive."""

    kind: PeriodKind
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Score:
    """What the appraisal of one period says. Without ratings only the predikat was reported."""

    period: Period
    predikat: Predikat
    hasil: Ekspektasi | None = None
    perilaku: Ekspektasi | None = None
    document: str | None = None

    @property
    def measured(self) -> str:
        """What the score is of: another of the same period takes its place."""
        return f"{self.period.kind}/{self.period.starts_on}"


class HeldScore(NamedTuple):
    """A score that took effect; of one period the highest `version` is in force."""

    score_id: UUID
    version: int
    score: Score


def decide(held: HeldScore | None, score_id: UUID, score: Score) -> tuple[Change, HeldScore]:
    """What a score changes, and which is in force of its period then; the same content again changes nothing."""
    if held is None:
        return Change.CREATED, HeldScore(score_id, 1, score)
    if held.score == score:
        return Change.UNCHANGED, held
    return Change.UPDATED, HeldScore(score_id, held.version + 1, score)


def settle_predikat(
    hasil: Ekspektasi | None,
    perilaku: Ekspektasi | None,
    predikat: Predikat | None,
) -> Predikat:
    """The predikat of one appraisal by the table of PermenPANRB 6/2022.

    Raises RefusedError when only one of the two ratings is given, when nothing is given, and when ratings and
    predikat are both given and do not match the table: nobody knows then which of the two is meant.
    """
    if hasil is None or perilaku is None:
        return _predikat_alone(hasil, perilaku, predikat)
    by_table = PREDIKAT_TABLE[hasil, perilaku]
    if predikat not in {None, by_table}:
        raise RefusedError(
            "/predikat",
            "predikat_mismatch",
            f"tidak sesuai tabel PermenPANRB 6/2022: hasil dan perilaku ini berpredikat {by_table}",
            f"does not match the table of PermenPANRB 6/2022: these ratings make {by_table}",
        )
    return by_table


def _predikat_alone(hasil: Ekspektasi | None, perilaku: Ekspektasi | None, predikat: Predikat | None) -> Predikat:
    if hasil is not perilaku:
        missing = "hasil" if hasil is None else "perilaku"
        raise RefusedError(
            f"/{missing}",
            "rating_incomplete",
            "hasil dan perilaku diisi keduanya atau tidak sama sekali",
            "give both hasil and perilaku, or neither",
        )
    if predikat is None:
        raise RefusedError(
            "/predikat",
            "predikat_missing",
            "isi predikat, atau hasil dan perilaku",
            "give predikat, or hasil and perilaku",
        )
    return predikat


@lru_cache(maxsize=4096)
def period_of(kind: PeriodKind, year: int, number: int | None, *, on: date) -> Period:
    """The period `number` of `year`: no number for a year, 1..4 for quarters, 1..12 for months.

    Raises RefusedError when the number does not fit the kind, and when the period begins after `on`. A period
    that has begun and not ended is taken in: which periods count is for the talent policy to say.
    """
    count = PERIODS_A_YEAR[kind]
    place = 1 if number is None else number
    if (number is None) is not (count == 1) or not 1 <= place <= count:
        raise RefusedError("/period/number", "period_number", *_number_rule(kind))
    months = _MONTHS // count
    last_month = months * place
    starts_on = date(year, last_month - months + 1, 1)
    if starts_on > on:
        raise RefusedError("/period", "period_in_future", "periode belum dimulai", "the period has not begun")
    return Period(kind, starts_on, date(year, last_month, monthrange(year, last_month)[1]))


def _number_rule(kind: PeriodKind) -> tuple[str, str]:
    if kind is PeriodKind.YEARLY:
        return "periode tahunan tidak bernomor", "a yearly period has no number"
    return (
        f"periode {kind} bernomor 1 sampai {PERIODS_A_YEAR[kind]}",
        f"a {kind} period is numbered 1 to {PERIODS_A_YEAR[kind]}",
    )
