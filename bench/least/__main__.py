"""`python -m bench.least HOP PORT SERVERS NAMESPACE`, with `DATABASE_URL`: one process of the least chain."""

import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import uvloop

from bench.least.carrying import Surroundings
from bench.least.hops import accept, place_talents, relay, stand
from bench.least.reading import show_ranks, show_talents
from shared.garbage import collect_rarely

_HOPS: Final[Mapping[str, Callable[[Surroundings], Awaitable[None]]]] = {
    "assessment-api": accept,
    "assessment-worker": relay,
    "placement-api": show_talents,
    "placement-worker": place_talents,
    "reporting-api": show_ranks,
    "reporting-worker": stand,
}
"""Named as the services' processes whose part they have. Those of profile have none in the way of a score."""


async def _run(hop: str, port: str, servers: str, namespace: str) -> None:
    # As the services do it.
    collect_rarely()
    await _HOPS[hop](Surroundings(int(port), os.environ["DATABASE_URL"], servers, namespace))


if __name__ == "__main__":
    uvloop.run(_run(*sys.argv[1:]))
