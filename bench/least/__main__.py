"""`python -m bench.least HOP PORT SERVERS NAMESPACE`, with `DATABASE_URL`: one process of the least chain."""

from typing import Final

from bench.least.hops import accept, place_talents, relay, stand
from bench.least.reading import show_ranks, show_talents
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
