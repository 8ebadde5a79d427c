"""What the whole local stack takes when nobody asks anything of it."""

import asyncio
from collections.abc import Sequence
from typing import Final

from bench.figures import Limit, Row
from bench.installation import Bench
from bench.machine import load_average
from bench.usage import Processor, gibibytes
from deploy.local.processes import Child
from deploy.local.progress import say

CPU: Final = Limit("< 5 % of a core", at_most=5.0, of_ratio=False)
MEMORY: Final = Limit("< 1.5 GiB with the broker", at_most=1.5, of_ratio=False)
_SETTLING: Final = 10.0


async def measure_rest(bench: Bench, services: Sequence[Child]) -> list[Row]:
    """PostgreSQL, Kafka and all services with all of their child processes; the bench itself is left out."""
    children = [*bench.stack.children, *services]
    await bench.vacuum()
    await asyncio.sleep(_SETTLING)
    shares: list[float] = []
    sizes: list[float] = []
    memory: dict[str, float] = {}
    parts: dict[str, list[float]] = {child.name: [] for child in children}
    for _ in range(bench.sizes.repeats):
        processor = Processor(children)
        await asyncio.sleep(bench.sizes.rest_seconds)
        for name, seconds in processor.seconds().items():
            parts[name].append(seconds / bench.sizes.rest_seconds * 100)
        shares.append(sum(times[-1] for times in parts.values()))
        memory = {child.name: gibibytes(child) for child in children}
        sizes.append(sum(memory.values()))
    load = load_average()
    in_part = {name: round(sum(times) / len(times), 2) for name, times in parts.items()}
    rows = [
        Row.of("stack at rest, processor", "% of a core", shares, load=load, limit=CPU, details=in_part),
        Row.of(
            "stack at rest, memory",
            "GiB",
            sizes,
            load=load,
            limit=MEMORY,
            details={name: round(size, 3) for name, size in memory.items()},
        ),
    ]
    say(f"at rest: {rows[0].figure:.1f} % of a core, {rows[1].figure:.2f} GiB")
    return rows
