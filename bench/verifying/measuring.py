"""`verify` of all four services side by side, as operations would start it on a quiet system."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from bench.figures import Limit, Row, significant
from bench.installation import Bench
from bench.machine import load_average
from bench.processes import environment_of
from bench.programs import output_of, processor_of_ended
from bench.usage import Processor
from deploy.local.processes import Child
from deploy.local.progress import say
from deploy.local.settings import SERVICES

PROVINCE: Final = 450_000
IN_TIME: Final = Limit("< 30 s", at_most=30.0, of_ratio=False)
_ENOUGH: Final = 50_000
"""Employees from which on it may be told from them how long 450,000 take."""
_TOLD: Final = (0, 1)
"""Statuses with which it says what it found."""


class NotProven(Exception):
    """A service found differences, or could not look."""


async def measure_verify(bench: Bench, services: Sequence[Child]) -> list[Row]:
    """The services run, nothing is on its way, and they hold the population."""
    taken, walls, costs = [], [], []
    employees = bench.sizes.employees
    factor = max(1.0, PROVINCE / employees)
    for _ in range(bench.sizes.verify_repeats):
        processor, before = Processor([*bench.stack.children, *services]), processor_of_ended()
        began = time.perf_counter()
        seconds = await asyncio.gather(*(_verified(bench, service) for service in SERVICES))
        walls.append(time.perf_counter() - began)
        # What starting a program takes does not grow with the employees.
        taken.append(walls[-1] if employees >= PROVINCE else max(seconds) * factor)
        spent = {"the commands": processor_of_ended() - before, **processor.seconds()}
        costs.append({name: significant(one) for name, one in spent.items()})
        say(f"verify of {employees:,} in four services: {walls[-1]:.1f} s on the clock")
    told = "" if employees >= PROVINCE else f", told from {employees:,}"
    details = {
        "employees": employees,
        "seconds_on_the_clock": [significant(wall) for wall in walls],
        "processor_seconds": costs,
    }
    limit = IN_TIME if employees >= _ENOUGH else None
    name = f"verify of {PROVINCE:,} employees, four services side by side{told}"
    return [Row.of(name, "s", taken, load=load_average(), limit=limit, details=details)]


async def run_verify(bench: Bench, service: str, *words: str) -> dict[str, Any]:
    """What `verify` of a service tells, as fast as it can, with these words. Raises NotProven."""
    environment = {
        **environment_of(bench.stack, bench.issuer),
        "TALENTA_TOKEN": bench.token("province_operator"),
    }
    command = [sys.executable, "-m", f"services.{service}", "verify", "--json", "--pace", "1", *words]
    ended = await output_of(command, environment)
    if ended.status not in _TOLD:
        raise NotProven(f"{service}: status {ended.status}: {ended.errors[-500:]}")
    told: dict[str, Any] = json.loads(ended.output)
    return told


async def _verified(bench: Bench, service: str) -> float:
    """Seconds that its checks took, one after the other. Raises NotProven."""
    told = await run_verify(bench, service)
    if told["count"]:
        raise NotProven(f"{service}: {told['count']} differences: {told['differences'][:3]}")
    return float(sum(check["seconds"] for check in told["checks"]))
