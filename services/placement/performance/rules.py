"""The Y axis: how somebody performed, from the predikat of the appraisal periods that count. Pure.

Source: the predikat is that of PermenPANRB 6/2022; no regulation turns it into a number, so the policy does
(0..100). A period counts from the day after its end until the policy's months since then have passed. Y is the
mean of the numbers of the latest periods that count, rounded once to four decimals, half up.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Final, NamedTuple

from services.placement.policies.rules import YAxis, day_after, months_after
from shared.asn.predikat import Predikat
from shared.events.assessment import Performance
from shared.shown import Text

_FOUR_PLACES: Final = Decimal("0.0001")


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
    """A period that counts, the number of its predikat (0..100), and the first day when it counts no longer."""

    performance: Performance
    score: Decimal
    expires_on: date


class PerformanceScore(NamedTuple):
    """Y on a day (0..100), None where `gap` says why; `periods` are those that count, newest first.

    `single`: fewer periods count than the policy asks for. On `changes_on` the score may change by itself.
    """

    y: Decimal | None
    periods: tuple[PeriodScore, ...]
    single: bool
    gap: Gap | None
    changes_on: tuple[date, ...]

    @property
    def predikat(self) -> Predikat | None:
        """That of the newest period that counts."""
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
    """Y from the numbers of the periods that count, at least one: four decimals, half up."""
    return (sum(scores, Decimal()) / len(scores)).quantize(_FOUR_PLACES, ROUND_HALF_UP)
