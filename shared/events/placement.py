"""`placement.talents`: what follows from profile and assessment, for every single employee."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.asn.post import PostLevel
from shared.asn.predikat import Predikat
from shared.events.contract import Part, State


class InputVersions(Part):
    """The versions of the inputs that a result was computed from; 0 where none has arrived."""

    employee: int = 0
    assessment: int = 0


class TalentState(State):
    """Axis scores and talent value 0..100, the box 1..9 or None and why, pool membership.

    `predikat` is that of the latest period that counts, `y` the mean of those that count.
    """

    employee_id: UUID
    region: str
    unit_id: str
    level: PostLevel
    active: bool
    predikat: Predikat | None = None
    x: Decimal | None = None
    y: Decimal | None = None
    talent_value: Decimal | None = None
    box: int | None = None
    no_box_reasons: tuple[str, ...] = ()
    eligible: bool
    vetoes: tuple[str, ...] = ()
    in_pool: bool
    policy_id: str
    evaluated_on: date
    inputs: InputVersions

    @property
    def key(self) -> str:
        return str(self.employee_id)
