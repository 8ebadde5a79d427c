"""How much is measured: all of it in less than half an hour, or a few minutes' worth."""

from dataclasses import dataclass
from typing import Final

Point = tuple[int, int]
"""Employees and regions."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Seconds, counts and repeats of a run."""

    kind: str
    repeats: int
    longest_chapter: float
    """Seconds after which a chapter is given up, and shown as failed."""
    rest_seconds: float
    rate: int
    """Single scores a second, for freshness."""
    quiet_rate: int
    """The same where the machine is far from its bounds."""
    scored: int
    """Employees whom these scores are spread over."""
    freshness_seconds: float
    apart_repeats: int
    """Turns with api and worker apart."""
    floor_seconds: float
    least_repeats: int
    """Turns of the bare chain, each with a floor before it."""
    asked_repeats: int
    """The same of the chains with all that is asked of a score."""
    asked_seconds: float
    burdens: tuple[float, ...]
    """Milliseconds of the processor that the least chain takes for a score besides, one after the other."""
    burden_seconds: float
    burden_repeats: int
    bulk_rows: int
    """Scores of one import: two for each employee, one of each year."""
    bulk_repeats: int
    parts_rows: int
    """Scores that go through each of the least parts."""
    long_rows: int
    """Scores of the long import during which single scores are posted: everybody's, again and again."""
    long_seconds: float
    """It is shortened to what is imported in about so long."""
    verify_repeats: int
    rebuild_repeats: int
    backlog: int
    """Events that workers take in."""
    workers: tuple[int, ...]
    """Numbers of them side by side."""
    growth: tuple[Point, ...]
    """Sizes at which ranks, board and fold are measured."""
    rank_reads: int
    folds: int
    board_regions: tuple[int, ...]
    board_seconds: float
    compared: int
    """Scores of the small job that the frameworks are compared by, and how long one that is slow may take."""
    compared_seconds: float
    compared_repeats: int

    @property
    def apart_turn(self) -> int:
        """The first with api and worker apart, which does not count; before it one such, a quiet one, repeats."""
        return 2 + self.repeats

    @property
    def bulk_turn(self) -> int:
        """The first turn of the imports."""
        return self.apart_turn + 1 + self.apart_repeats

    @property
    def while_verifying_turn(self) -> int:
        """Of the single scores that are posted while verify runs."""
        return self.bulk_turn + self.bulk_repeats

    @property
    def long_turn(self) -> int:
        """The first turn of the long import."""
        return self.while_verifying_turn + 1

    @property
    def employees(self) -> int:
        """In the population that is loaded."""
        return self.bulk_rows // 2


FULL: Final = Sizes(
    kind="full",
    repeats=5,
    longest_chapter=1_200.0,
    rest_seconds=5.0,
    rate=200,
    quiet_rate=50,
    scored=5_000,
    freshness_seconds=10.0,
    apart_repeats=5,
    floor_seconds=5.0,
    least_repeats=5,
    asked_repeats=5,
    asked_seconds=6.0,
    burdens=(0, 1, 2, 3, 4),
    burden_seconds=3.0,
    burden_repeats=2,
    bulk_rows=100_000,
    bulk_repeats=5,
    parts_rows=20_000,
    long_rows=1_000_000,
    long_seconds=330.0,
    verify_repeats=5,
    rebuild_repeats=5,
    backlog=60_000,
    workers=(1, 2, 4),
    growth=((10_000, 36), (20_000, 36), (200_000, 36), (1_000_000, 36), (5_600_000, 546)),
    rank_reads=300,
    folds=20,
    board_regions=(36, 552),
    board_seconds=1.0,
    compared=50_000,
    compared_seconds=4.0,
    compared_repeats=5,
)
QUICK: Final = Sizes(
    kind="quick",
    repeats=3,
    longest_chapter=180.0,
    rest_seconds=2.0,
    rate=200,
    quiet_rate=50,
    scored=5_000,
    freshness_seconds=3.0,
    apart_repeats=1,
    floor_seconds=1.5,
    least_repeats=2,
    asked_repeats=0,
    asked_seconds=3.0,
    burdens=(),
    burden_seconds=2.0,
    burden_repeats=1,
    bulk_rows=16_000,
    bulk_repeats=2,
    parts_rows=5_000,
    long_rows=20_000,
    long_seconds=20.0,
    verify_repeats=1,
    rebuild_repeats=1,
    backlog=10_000,
    workers=(1, 2),
    growth=((10_000, 36), (100_000, 36)),
    rank_reads=100,
    folds=10,
    board_regions=(36, 552),
    board_seconds=0.3,
    compared=20_000,
    compared_seconds=2.0,
    compared_repeats=1,
)
