"""What a part costs, in microseconds of the processor for one score."""

import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bench.figures import significant
from bench.installation import Bench
from bench.usage import Processor
from deploy.local.processes import Child

Work = Callable[[], Awaitable[object]]
_MICRO: Final = 1e6


class Cost(NamedTuple):
    """Microseconds for one score, by who works."""

    python: float = 0.0
    postgresql: float = 0.0
    kafka: float = 0.0

    def plus(self, other: "Cost") -> "Cost":
        return Cost(*(one + more for one, more in zip(self, other, strict=True)))

    def over(self, other: "Cost") -> "Cost":
        """What this one costs more."""
        return Cost(*(one - less for one, less in zip(self, other, strict=True)))


@dataclass
class Round:
    """The parts of `rows` scores, and what each costs."""

    bench: Bench
    rows: int
    parts: dict[str, Cost] = field(default_factory=dict)

    async def note(self, part: str, work: Work, *, server: Child | None = None) -> None:
        """Do the work of a part, or more of it. With a server, Python's time is the server's: this process, which

        is its client then, is left out.
        """
        # What the part before left is not this one's to clear away.
        gc.collect()
        children = [*self.bench.stack.children, *([server] if server else ())]
        processor, began = Processor(children), time.process_time()
        await work()
        own, spent = time.process_time() - began, processor.seconds()
        python = spent[server.name] if server else own
        # Servers that were given, and not started here, cannot be looked into.
        seconds = (python, spent.get("PostgreSQL", 0.0), spent.get("Kafka", 0.0))
        cost = Cost(*(one / self.rows * _MICRO for one in seconds))
        self.parts[part] = self.parts.get(part, Cost()).plus(cost)

    @property
    def microseconds(self) -> float:
        """Of all parts and programs."""
        return sum(map(sum, self.parts.values()))


def means(rounds: list[Round]) -> dict[str, dict[str, float]]:
    """By part and program, over all rounds."""
    return {
        part: {
            name: significant(sum(getattr(one.parts[part], name) for one in rounds) / len(rounds))
            for name in Cost._fields
        }
        for part in rounds[0].parts
    }
