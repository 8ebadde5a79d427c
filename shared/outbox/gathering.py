"""How long to gather before the next of many small turns: the more comes, the longer, up to a bound.

What surrounds a turn costs more than what is in it. Where little comes nobody need wait for that; where much
comes, a wait for the processor would be longer than the gathering (docs/decisions/0018). What comes are commits:
the rows of one are together already (docs/decisions/0025).
"""

from math import exp
from typing import Final

LONGEST: Final = 0.01
"""Seconds from the beginning of one turn to the next, where much comes."""
_LITTLE: Final = 50.0
_MUCH: Final = 150.0
"""A second: up to so many nothing is gathered, and from so many on for as long as may be."""
_LATELY: Final = 0.2
"""Seconds in which what has come fades to a third."""


class Gathering:
    """Of one who takes turns; he says how many commits came with each, and at what time in seconds."""

    def __init__(self) -> None:
        self._lately = 0.0
        self._noted_at = 0.0

    def distance(self, came: int, now: float) -> float:
        """So many came with the turn that begins now: the seconds until the next may begin."""
        # No more is kept than counts: who comes behind a thousand that came at once does not wait for long.
        faded = self._lately * exp((self._noted_at - now) / _LATELY)
        self._lately = min(faded + came, _MUCH * _LATELY)
        self._noted_at = now
        rate = self._lately / _LATELY
        return LONGEST * max(0.0, rate - _LITTLE) / (_MUCH - _LITTLE)
