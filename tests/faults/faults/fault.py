"""What a fault is, and what it finds before it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from tests.faults.log import Log
from tests.faults.system import System
from tests.faults.topics import Topics


@dataclass(frozen=True, slots=True)
class Scene:
    """A system under load. `chance` decides whatever a fault leaves open, so that a seed repeats it."""

    system: System
    log: Log
    topics: Topics
    chance: Random

    async def writes(self, count: int) -> None:
        """Let so many more writes be acknowledged."""
        await self.log.grown_by(count)


@dataclass(frozen=True, slots=True)
class Fault:
    """`inflict` returns when what it broke is whole again, though not yet recovered.

    Faults that touch the same thing are not combined; `touches` says what that is.
    """

    name: str
    inflict: Callable[[Scene], Awaitable[None]]
    touches: frozenset[str]
    quick: bool = False
    """Short enough for the usual test run."""
    reorders: bool = False
    """Old states may stand behind newer ones in a topic: its checker has to notice."""
