"""Y: how somebody performed, from the predikat of the periods that count (PermenPANRB 6/2022, domain §1.5).

A period counts from the day after its end, and until the policy's months since then have passed. y is the mean of
the numbers of the latest periods that count, rounded once to four decimals, half up.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Final, NamedTuple

from services.placement.policies.rules import Text, YAxis, day_after, months_after
from shared.asn.predikat import Predikat
from shared.events.assessment import Performance

FOUR_PLACES: Final = Decimal("0.0001")


class Gap(StrEnum):
    """Why there is no y."""

    PERFORMANCE_MISSING = "performance_missing"
    PERFORMANCE_EXPIRED = "performance_expired"


GAPS: Final = {
    Gap.PERFORMANCE_MISSING: Text(
        id="Belum ada penilaian kinerja dari periode yang sudah berakhir",
        en="There is no appraisal of a period that has ended",
    ),
    Gap.PERFORMANCE_EXPIRED: Text(
        id="Penilaian kinerja terakhir sudah terlalu lama",
        en="The latest appraisal is too old",
    ),
}


class PeriodScore(NamedTuple):
    """A period that counts, the number of its predikat, and from when on it no longer counts."""

    performance: Performance
    score: Decimal
    expires_on: date


class PerformanceScore(NamedTuple):
    """`periods` newest first. `single`: fewer periods than the policy asks for. `predikat` of the newest."""

    y: Decimal | None
    periods: tuple[PeriodScore, ...]
    single: bool
    gap: Gap | None
    changes_on: tuple[date, ...]

    @property
    def predikat(self) -> Predikat | None:
        return self.periods[0].performance.predikat if self.periods else None


def score_performance(performance: Iterable[Performance], axis: YAxis, on: date) -> PerformanceScore:
    """Y on a day, whatever the order of `performance`."""
    clause = axis.periods
    of_kind = _newest_first([period for period in performance if period.period_kind in clause.kinds])
    ended = [period for period in of_kind if period.ends_on < on]
    counted: list[PeriodScore] = []
    for period in ended[: clause.latest]:
        expires_on = months_after(day_after(period.ends_on), clause.within_months)
        if on < expires_on:
            counted.append(PeriodScore(period, axis.predikat[period.predikat], expires_on))
    begins = [day_after(period.ends_on) for period in of_kind[: len(of_kind) - len(ended)]]
    return PerformanceScore(
        y=mean_of_periods([period.score for period in counted]) if counted else None,
        periods=tuple(counted),
        single=0 < len(counted) < clause.latest,
        gap=None if counted else (Gap.PERFORMANCE_EXPIRED if ended else Gap.PERFORMANCE_MISSING),
        changes_on=(*begins, *[period.expires_on for period in counted]),
    )


def _newest_first(performance: Sequence[Performance]) -> list[Performance]:
    """One score a period, its latest version; newest period first."""
    scores = performance
    if len(set(map(_days, scores))) < len(scores):
        in_order = sorted(scores, key=lambda score: (score.score_version, score.score_id))
        scores = list({(score.period_kind, *_days(score)): score for score in in_order}.values())
    return sorted(scores, key=_days, reverse=True)


_days: Final[Callable[[Performance], tuple[date, date]]] = attrgetter("ends_on", "starts_on")


def mean_of_periods(scores: Sequence[Decimal]) -> Decimal:
    """The axis from the numbers of the periods that count."""
    return (sum(scores, Decimal()) / len(scores)).quantize(FOUR_PLACES, ROUND_HALF_UP)
