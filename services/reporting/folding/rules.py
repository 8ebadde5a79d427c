"""What changes in sums and histograms when people move: the old place is subtracted, the new one added.

Whole numbers throughout (value in hundredths, x and y in ten-thousandths), so that any order of any changes,
each told once or several times over, comes to the same sums as counting everybody afresh.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import sub
from typing import Final, NamedTuple


class Place(NamedTuple):
    """All of one person that counts anywhere."""

    region: str
    unit_id: str
    level: str
    active: bool
    value: int | None
    x: int | None
    y: int | None
    box: int | None
    in_pool: bool


class Tally(NamedTuple):
    """Counts and sums over active employees. `with_…` counts those who have the number that is summed."""

    active: int = 0
    with_value: int = 0
    value_sum: int = 0
    with_x: int = 0
    x_sum: int = 0
    with_y: int = 0
    y_sum: int = 0
    boxed: int = 0
    in_pool: int = 0

    def minus(self, other: "Tally") -> "Tally":
        return Tally(*map(sub, self, other))


NOTHING: Final = Tally()


class Move(NamedTuple):
    """One person before (None: he is new) and after."""

    old: Place | None
    new: Place

    @property
    def regions(self) -> set[str]:
        """Where he counted or counts."""
        return {self.new.region} if self.old is None else {self.old.region, self.new.region}


@dataclass(frozen=True, slots=True)
class Differences:
    """What is to be added: to the tally of a region, and to how many of a (region, level) have a value.

    What comes to 0 is left out.
    """

    tallies: dict[str, Tally] = field(default_factory=dict)
    values: dict[tuple[str, str, int], int] = field(default_factory=dict)


def tally_of(place: Place) -> Tally:
    """The share of one person in the tally of his region; nothing unless he is active."""
    if not place.active:
        return NOTHING
    return Tally(
        active=1,
        with_value=int(place.value is not None),
        value_sum=place.value or 0,
        with_x=int(place.x is not None),
        x_sum=place.x or 0,
        with_y=int(place.y is not None),
        y_sum=place.y or 0,
        boxed=int(place.box is not None),
        in_pool=int(place.in_pool),
    )


def total_of(shares: Iterable[Tally]) -> Tally:
    """Column by column."""
    return Tally(*map(sum, zip(*shares, strict=True)))


def differences(moves: Iterable[Move]) -> Differences:
    """The sum over all moves. The order of moves does not matter, nor does a move to where somebody stands."""
    gained: defaultdict[str, list[Tally]] = defaultdict(list)
    lost: defaultdict[str, list[Tally]] = defaultdict(list)
    values: Counter[tuple[str, str, int]] = Counter()
    for old, new in moves:
        gained[new.region].append(tally_of(new))
        _count(values, new, +1)
        if old is not None:
            lost[old.region].append(tally_of(old))
            _count(values, old, -1)
    tallies = {
        region: total_of(gained[region]).minus(total_of(lost[region])) for region in gained.keys() | lost.keys()
    }
    return Differences(
        {region: tally for region, tally in tallies.items() if tally != NOTHING},
        {place: count for place, count in values.items() if count},
    )


def _count(values: Counter[tuple[str, str, int]], place: Place, one: int) -> None:
    if place.active and place.value is not None:
        values[place.region, place.level, place.value] += one
