"""What processes take of the processor and of memory."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Final

import psutil

from bench.figures import significant
from bench.machine import seconds_of
from deploy.local.processes import Child
from deploy.local.progress import say

_LOOKED_FOR: Final = 2.0
_AT_REST: Final = 0.1
"""Of a core, by all together: more than twice what they take when nobody asks anything of them."""
_LONGEST: Final = 180.0


class Processor:
    """The processor's time of some children and all of their own children, since this was made."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children
        self._before = {child.name: _seconds(child) for child in children}

    def seconds(self) -> dict[str, float]:
        """By name."""
        return {child.name: _seconds(child) - self._before[child.name] for child in self._children}


async def until_at_rest(children: Sequence[Child]) -> None:
    """Wait until they have nothing left to do in the background, and say how long that took.

    Gives up after some minutes, and says so: what is measured then is not of a quiet system.
    """
    began = time.monotonic()
    while (waited := time.monotonic() - began) < _LONGEST:
        processor = Processor(children)
        await asyncio.sleep(_LOOKED_FOR)
        taken = processor.seconds()
        if sum(taken.values()) < _AT_REST * _LOOKED_FOR:
            say(f"at rest after {waited:.0f} s")
            return
    busy = ", ".join(f"{name} {seconds / _LOOKED_FOR:.0%}" for name, seconds in taken.items() if seconds > 0)
    say(f"not at rest after {_LONGEST:.0f} s, of a core: {busy}")


def in_milliseconds(repeats: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """By name, the mean of the repeats' seconds."""
    return {name: significant(mean(one[name] for one in repeats) * 1000) for name in repeats[0]}


def gibibytes(child: Child) -> float:
    """Proportional: PostgreSQL's shared buffers are shared by its processes, and count once."""
    return sum(map(_proportional_bytes, _family(child))) / 2**30


def _proportional_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:  # such as a vacuum that has just ended
        return 0


def _family(child: Child) -> list[psutil.Process]:
    return [child.process, *child.process.children(recursive=True)]


def _seconds(child: Child) -> float:
    """Of those that live, and of those that ended and were waited for."""
    return sum(map(seconds_of, _family(child)))
