"""Several faults at once, drawn by a seed."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from tests.faults.faults import FAULTS
from tests.faults.faults.fault import Fault

_TOGETHER: Final = (2, 2, 3)


def drawn(seed: str, count: int, among: Sequence[Fault] = FAULTS) -> Iterator[list[Fault]]:
    """`count` times two or three faults that do not touch the same thing; the same for the same seed."""
    chance = Random(f"combinations of {seed}")  # noqa: S311  # reproducible on purpose
    for _ in range(count):
        wanted = chance.choice(_TOGETHER)
        faults: list[Fault] = []
        for fault in chance.sample(among, len(among)):
            if len(faults) < wanted and not any(fault.touches & other.touches for other in faults):
                faults.append(fault)
        yield faults
