"""`reporting.standings`: where a region stands in the merit ranking."""

from datetime import datetime
from decimal import Decimal

from shared.events.contract import Part, State


class Component(Part):
    """One component of the index: `numerator / denominator` scaled to 0..100, and its weight as applied.

    A component without a denominator drops out: `value` is None, `weight` 0.
    """

    code: str
    numerator: Decimal
    denominator: int
    value: Decimal | None = None
    weight: Decimal


class StandingState(State):
    """One region on the board. `rank` is None while the region is unranked, and `unranked_reason` says why.

    Exact, for systems that may see the region: not for the public, who could read single scores from it.
    """

    region_code: str
    rank: int | None = None
    index: Decimal | None = None
    band: str | None = None
    unranked_reason: str | None = None
    components: tuple[Component, ...] = ()
    policy_id: str
    as_of: datetime
    board_revision: int

    @property
    def key(self) -> str:
        return self.region_code
