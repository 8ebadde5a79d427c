"""`rebuild` of reporting and of placement, from the first event to parity, each beside its floor."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bench.figures import Limit, Row
from bench.installation import Bench
from bench.machine import load_average
from bench.processes import environment_of
from bench.programs import Ended, output_of
from bench.topics import reading
from deploy.local.progress import say
from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS, Topic

AGAINST_FLOOR: Final = Limit("≥ 1/4 of the floor, parity exact", at_least=0.25)
_ENOUGH: Final = 500_000
"""Events from which on what starting and ending a program takes no longer counts, and the row is judged."""
_AT_ONCE: Final = 5_000
_TOPICS: Final[Mapping[str, Sequence[Topic]]] = {"reporting": (TALENTS,), "placement": (EMPLOYEES, RESULTS)}


class Differs(Exception):
    """What was replayed is not what is served."""


async def measure_rebuilds(bench: Bench) -> list[Row]:
    """A row a service. The services run, and hold what the chapters before have left in their topics."""
    return [await _row(bench, service, topics) for service, topics in _TOPICS.items()]


async def _row(bench: Bench, service: str, topics: Sequence[Topic]) -> Row:
    floors, rebuilds, counts = [], [], []
    for _ in range(bench.sizes.rebuild_repeats):
        count, seconds = await _consumed(bench, topics)
        floors.append(count / seconds)
        counts.append(count)
        taken = await _rebuilt(bench, service)
        rebuilds.append(count / taken)
        say(f"rebuild of {service}: {count:,} events in {taken:.1f} s; consumed bare in {seconds:.1f} s")
    return Row.of(
        f"rebuild of {service} from {counts[-1]:,} events, to parity",
        "events/s",
        rebuilds,
        floors,
        load=load_average(),
        limit=AGAINST_FLOOR if counts[-1] >= _ENOUGH else None,
        details={"events": counts},
    )


async def _rebuilt(bench: Bench, service: str) -> float:
    """Seconds of the whole command. Raises Differs where it ends without parity."""
    environment = environment_of(bench.stack, bench.issuer)
    ended: Ended = await output_of(
        [sys.executable, "-m", f"services.{service}", "rebuild", "--json"],
        environment,
    )
    if ended.status:
        said: Any = json.loads(ended.output)["differences"]["causes"] if ended.output else ended.errors[-500:]
        raise Differs(f"rebuild of {service} ended with {ended.status}: {said}")
    return ended.seconds


async def _consumed(bench: Bench, topics: Sequence[Topic]) -> tuple[int, float]:
    """How many records the topics hold, and the seconds of reading them and doing nothing."""
    async with reading(bench.stack.kafka_bootstrap_servers, bench.stack.kafka_namespace, topics) as reader:
        began, count = time.perf_counter(), 0
        while not await reader.is_done():
            count += sum(map(len, await reader.fetch(_AT_ONCE)))
        return count, time.perf_counter() - began
