"""On paper: what a country needs, told from the measured cost of one score. Pure: no clock, no server."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

Costs = Mapping[str, float]
"""Milliseconds of the processor for one score, by process."""

EMPLOYEES: Final = 5_600_000
GOVERNMENTS: Final = 546
_DAY: Final = 86_400
_BUSY: Final = 0.6
"""How full a core may be on average, so that a score need not queue for it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How the scores of a week come in."""

    words: str
    seconds: float


PATTERNS: Final = (
    Pattern("evenly over seven days and nights", 7 * _DAY),
    Pattern("in five working days of eight hours", 5 * 8 * 3_600),
    Pattern("all in the last eight hours", 8 * 3_600),
)


@dataclass(frozen=True, slots=True)
class Need:
    """Cores that work, by process, at a rate of scores a second; and whole cores to have in all."""

    pattern: Pattern
    rate: float
    working: Costs

    @property
    def cores(self) -> int:
        return max(1, ceil(sum(self.working.values()) / _BUSY))


def needs(costs: Costs, employees: int = EMPLOYEES) -> list[Need]:
    """One score for each employee within a week, for every pattern: rate times cost, for costs add up."""
    return [
        Need(pattern, rate, {name: rate * cost / 1000 for name, cost in costs.items()})
        for pattern in PATTERNS
        for rate in [employees / pattern.seconds]
    ]
