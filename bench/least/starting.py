"""A process of a chain, from its command line."""

import os
import sys
from collections.abc import Awaitable, Callable, Mapping

import uvloop

from bench.least.carrying import Surroundings
from shared.garbage import collect_rarely

Hops = Mapping[str, Callable[[Surroundings], Awaitable[None]]]
"""Named as the services' processes whose part they have. Those of profile have none in the way of a score."""


def start(hops: Hops) -> None:
    """Run the hop that is asked for until it is ended."""
    uvloop.run(_run(hops, *sys.argv[1:]))


async def _run(hops: Hops, hop: str, port: str, servers: str, namespace: str) -> None:
    # As the services do it.
    collect_rarely()
    await hops[hop](Surroundings(int(port), os.environ["DATABASE_URL"], servers, namespace))
