"""What counts of a person, and what is added up over those of a region.

Whole numbers throughout (value in hundredths, x and y in ten-thousandths), so that any order of any changes,
each told once or several times over, comes to the same sums as counting everybody afresh.
"""

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


NOTHING: Final = Tally()
