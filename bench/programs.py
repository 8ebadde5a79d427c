"""Commands of the services, run to their end: what they said and how long they took."""

import asyncio
import resource
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from deploy.local.settings import PROJECT


class Ended(NamedTuple):
    """`seconds` on the clock."""

    status: int
    output: str
    errors: str
    seconds: float


async def output_of(command: Sequence[str], environment: Mapping[str, str]) -> Ended:
    """Run in the project's folder. Whoever stops waiting ends the program."""
    began = time.perf_counter()
    program = await asyncio.create_subprocess_exec(
        *command,
        cwd=PROJECT,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await program.communicate()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    taken = time.perf_counter() - began
    return Ended(program.returncode or 0, output.decode(), errors.decode(), taken)


def processor_of_ended() -> float:
    """Seconds of the processor of all programs that this one started and saw the end of."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
