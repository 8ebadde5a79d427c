"""Which of the states in a batch counts, and its numbers as whole numbers."""

from collections.abc import Iterable
from decimal import Decimal

from shared.events.envelope import Cause
from shared.events.placement import TalentState

HUNDREDTHS = 2
TEN_THOUSANDTHS = 4


Told = tuple[TalentState, Cause, int]
"""A state, where the change began, and how much of the contract was understood (`Received`)."""


def newest(events: Iterable[Told]) -> list[Told]:
    """One state a person, the one with the highest version, in the order of the ids.

    What led to the states that it replaces led to it: their causes are merged into its own.
    """
    latest: dict[str, tuple[TalentState, int]] = {}
    causes: dict[str, list[Cause]] = {}
    for state, cause, contract in events:
        causes.setdefault(state.key, []).append(cause)
        known = latest.get(state.key)
        if known is None or (known[0].version, known[1]) < (state.version, contract):
            latest[state.key] = state, contract
    return [(latest[key][0], _merged(causes[key]), latest[key][1]) for key in sorted(latest)]


def _merged(causes: list[Cause]) -> Cause:
    return causes[0] if len(causes) == 1 else Cause.merged(causes)


def whole(number: Decimal | None, places: int) -> int | None:
    """`number` in units of its last published decimal: 96.79 with 2 places is 9679.

    Raises ValueError where it has more decimals than were agreed: then it would not be what was published.
    """
    if number is None:
        return None
    scaled = number.scaleb(places)
    if scaled != int(scaled):
        raise ValueError(f"more than {places} decimals")
    return int(scaled)
