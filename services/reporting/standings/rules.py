"""Which of the states in a batch counts, and its numbers as whole numbers."""

from collections.abc import Iterable
from decimal import Decimal

from shared.events.envelope import Cause
from shared.events.placement import TalentState

HUNDREDTHS = 2
TEN_THOUSANDTHS = 4


def newest(events: Iterable[tuple[TalentState, Cause]]) -> list[tuple[TalentState, Cause]]:
    """One state a person, the one with the highest version, in the order of the ids.

    What led to the states that it replaces led to it: their causes are merged into its own.
    """
    states: dict[str, TalentState] = {}
    causes: dict[str, list[Cause]] = {}
    for state, cause in events:
        causes.setdefault(state.key, []).append(cause)
        known = states.get(state.key)
        if known is None or known.version < state.version:
            states[state.key] = state
    return [
        (states[key], told[0] if len(told := causes[key]) == 1 else Cause.merged(told)) for key in sorted(states)
    ]


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
