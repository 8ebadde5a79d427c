"""What was measured of a synthetic person: two yearly appraisals and one talent assessment.

One hidden ability stands behind all of it, so that good people tend to be good every year, and each
government has a little head start or handicap, so that the merit ranking has something to rank.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Final

from shared.asn.predikat import Ekspektasi

_ABOVE: Final = 0.55
_BELOW: Final = -1.6
"""Of 100 appraisals some 18 become Sangat Baik, 72 Baik and 10 worse."""
_POTENTIAL_MISSING: Final = 0.04
_FARTHEST: Final = 0.25
_OLDEST: Final = 600  # days; still valid two years after the reference date


@dataclass(frozen=True, slots=True)
class Rating:
    """The appraisal of one year."""

    year: int
    hasil: Ekspektasi
    perilaku: Ekspektasi


@dataclass(frozen=True, slots=True)
class Assessment:
    """Job person match and potential score, each 0..100 (JPM up to 120 as measured), with two decimals."""

    assessed_on: date
    jpm: Decimal
    potential: Decimal | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Ratings oldest first, and the assessment."""

    ratings: tuple[Rating, Rating]
    assessment: Assessment


def measure(chance: Random, region: str, on: date) -> Measured:
    """Draw everything that was measured of one person of `region` before `on`."""
    ability = chance.gauss(_head_start(region), 1)
    older, newer = (_rate(chance, year, ability) for year in (on.year - 2, on.year - 1))
    return Measured((older, newer), _assess(chance, on, ability))


@cache
def _head_start(region: str) -> float:
    return Random(f"head start of {region}").uniform(-_FARTHEST, _FARTHEST)  # noqa: S311 - reproducible on purpose


def _rate(chance: Random, year: int, ability: float) -> Rating:
    # hasil follows the ability, perilaku is kinder and nearer to the same for all.
    hasil = 0.75 * ability + chance.gauss(0, 0.65)
    perilaku = 0.55 * ability + chance.gauss(0.3, 0.6)
    return Rating(year, _against_expectation(hasil), _against_expectation(perilaku))


def _against_expectation(score: float) -> Ekspektasi:
    if score >= _ABOVE:
        return Ekspektasi.DI_ATAS
    return Ekspektasi.DI_BAWAH if score < _BELOW else Ekspektasi.SESUAI


def _assess(chance: Random, on: date, ability: float) -> Assessment:
    """Four of a hundred had their competency measured and not yet their potential."""
    jpm = min(120.0, max(25.0, chance.gauss(70 + 11 * ability, 9)))
    potential = min(100.0, max(30.0, chance.gauss(68 + 11 * ability, 10)))
    missing = chance.random() < _POTENTIAL_MISSING
    return Assessment(
        assessed_on=on - timedelta(days=chance.randrange(20, _OLDEST)),
        jpm=_hundredths(jpm),
        potential=None if missing else _hundredths(potential),
    )


def _hundredths(value: float) -> Decimal:
    return Decimal(round(value * 100)).scaleb(-2)
