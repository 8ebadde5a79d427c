"""What a measurement that was handed in does to what is held already. Pure.

One of each of these is made for every row of a batch: named tuples, which cost a third of frozen dataclasses.
"""

from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

_WIB: Final = timezone(timedelta(hours=7), "WIB")
KEPT_FOR: Final = timedelta(days=180)
"""How long what matched nobody is kept: longer than an employee takes to arrive, and not for ever."""


class Change(StrEnum):
    """What taking a measurement in changed."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class Measurement(Protocol):
    """A performance score or a talent assessment."""

    @property
    def measured(self) -> str:
        """The period or the day: one measurement takes the place of another of the same NIP that has it too."""


M_co = TypeVar("M_co", bound=Measurement, covariant=True)


class Submission(NamedTuple, Generic[M_co]):
    """A measurement as it was handed in: by whom, for which NIP, when the request was accepted."""

    id: UUID
    nip: str
    measurement: M_co
    submitted_by: str
    accepted_at: datetime


class Receipt(NamedTuple):
    """What the caller is told. Without an employee it was kept, whether or not somebody bears the NIP.

    `version` is that of the employee's results which the measurement has entered.
    """

    id: UUID
    change: Change | None = None
    employee_id: UUID | None = None
    version: int | None = None


class Attributed(NamedTuple, Generic[M_co]):
    """A submission that may take effect, and for whom."""

    employee_id: UUID
    submission: Submission[M_co]


class RefusedError(Exception):
    """A measurement breaks a rule. `pointer` is the JSON pointer of the field in the body of the measurement."""

    def __init__(self, pointer: str, code: str, message_id: str, message_en: str) -> None:
        super().__init__(message_en)
        self.pointer = pointer
        self.code = code
        self.message_id = message_id
        self.message_en = message_en


class Taken(NamedTuple):
    """What a submission changed.

    `id` and `version` are those of the measurement in force now: its own, or the equal one that was held.
    """

    id: UUID
    change: Change
    version: int


def day_of(accepted_at: datetime) -> date:
    """The day in Jakarta on which a request was accepted: the `on` of the rules."""
    return accepted_at.astimezone(_WIB).date()
