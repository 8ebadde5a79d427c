"""Which of the states in a batch counts, and its numbers as whole numbers."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from shared.events.envelope import Cause
from shared.events.placement import TalentState

HUNDREDTHS = 2
TEN_THOUSANDTHS = 4
_BEST = 100
_LONGEST_NAME = 100

Told = tuple[TalentState, Cause, int]
"""A state, where the change began, and how much of the contract was understood (`Received`)."""


def newest(events: Iterable[Told]) -> list[Told]:
    """One state a person, the one with the highest version.

    What led to the states that it replaces led to it: their causes are merged into its own.
    """
    of_person: dict[UUID, list[Told]] = {}
    for told in events:
        of_person.setdefault(told[0].employee_id, []).append(told)
    return [told[0] if len(told) == 1 else _last_of(told) for told in of_person.values()]


def _last_of(told: Sequence[Told]) -> Told:
    state, _, contract = max(told, key=lambda each: (each[0].version, each[2]))
    return state, Cause.merged(cause for _, cause, _ in told), contract


def whole(number: Decimal | None, places: int) -> int | None:
    """`number`, 0..100, in units of its last published decimal: 96.79 with 2 places is 9679.

    Raises ValueError where it is none of these, or has more decimals than were agreed: then it would not be what
    was published, or the folder would stumble over it.
    """
    if number is None:
        return None
    # First, for all digits of 1E+999999 take a minute.
    if not 0 <= number <= _BEST:
        raise ValueError("not from 0 to 100")
    scaled = number.scaleb(places)
    units = int(scaled)
    if scaled != units:
        raise ValueError(f"more than {places} decimals")
    return units


def short(name: str) -> str:
    """The name of a region or unit. Raises ValueError where no index of the folder takes it."""
    if len(name) > _LONGEST_NAME:
        raise ValueError(f"longer than {_LONGEST_NAME}")
    return name
