"""`python -m bench.least.asked HOP PORT SERVERS NAMESPACE`: one process of the chain with all that is asked of it.

`DATABASE_URL` and the services' `AUTH_…` are in the environment.
"""

from typing import Final

from bench.least.asked.hops import accept, place_talents, relay, show_ranks, show_talents, stand
from bench.least.starting import Hops, start

_HOPS: Final[Hops] = {
    "assessment-api": accept,
    "assessment-worker": relay,
    "placement-api": show_talents,
    "placement-worker": place_talents,
    "reporting-api": show_ranks,
    "reporting-worker": stand,
}

if __name__ == "__main__":
    start(_HOPS)
