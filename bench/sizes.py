"""How much is measured: all of it, or a few minutes' worth."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sizes:
    """Seconds, counts and repeats of a run."""

    kind: str
    repeats: int
    rate: int
    """Single scores a second, for freshness."""
    quiet_rate: int
    """The same where the machine is far from its bounds."""
    scored: int
    """Employees whom these scores are spread over."""
    freshness_seconds: float
    floor_seconds: float
    bulk_rows: int
    """Scores of one import: two for each employee, one of each year."""
    bulk_repeats: int
    people: tuple[int, ...]
    """Numbers of employees among whom somebody is ranked."""
    regions: tuple[int, ...]
    """Numbers of regions on the board."""
    rank_reads: int
    board_seconds: float
    rest_seconds: float

    @property
    def last_turn(self) -> int:
        """Of freshness: a first one that does not count, a quiet one, and the repeats."""
        return 1 + self.repeats

    @property
    def employees(self) -> int:
        """In the population that is loaded."""
        return max(self.scored, self.bulk_rows // 2)


FULL: Final = Sizes(
    kind="full",
    repeats=5,
    rate=200,
    quiet_rate=50,
    scored=5_000,
    freshness_seconds=15.0,
    floor_seconds=8.0,
    bulk_rows=1_000_000,
    bulk_repeats=5,
    people=(10_000, 1_000_000),
    regions=(36, 552),
    rank_reads=1_000,
    board_seconds=2.0,
    rest_seconds=10.0,
)
QUICK: Final = Sizes(
    kind="quick",
    repeats=3,
    rate=200,
    quiet_rate=50,
    scored=5_000,
    freshness_seconds=6.0,
    floor_seconds=4.0,
    bulk_rows=20_000,
    bulk_repeats=2,
    people=(10_000, 200_000),
    regions=(36, 552),
    rank_reads=300,
    board_seconds=0.7,
    rest_seconds=5.0,
)
