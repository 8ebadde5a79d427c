"""What processes take of the processor and of memory."""

from collections.abc import Mapping, Sequence
from statistics import mean

import psutil

from bench.figures import significant
from bench.machine import seconds_of
from deploy.local.processes import Child


class Processor:
    """The processor's time of some children and all of their own children, since this was made."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children
        self._before = {child.name: _seconds(child) for child in children}

    def seconds(self) -> dict[str, float]:
        """By name."""
        return {child.name: _seconds(child) - self._before[child.name] for child in self._children}


def in_milliseconds(repeats: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """By name, the mean of the repeats' seconds."""
    return {name: significant(mean(one[name] for one in repeats) * 1000) for name in repeats[0]}


def gibibytes(child: Child) -> float:
    """Proportional: PostgreSQL's shared buffers are shared by its processes, and count once."""
    return float(sum(process.memory_full_info().pss for process in _family(child)) / 2**30)


def _family(child: Child) -> list[psutil.Process]:
    return [child.process, *child.process.children(recursive=True)]


def _seconds(child: Child) -> float:
    """Of those that live, and of those that ended and were waited for."""
    return sum(map(seconds_of, _family(child)))
