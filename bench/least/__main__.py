"""`python -m bench.least HOP PORT SERVERS NAMESPACE`, with `DATABASE_URL`: one process of the least chain."""

from bench.least.hops import HOPS
from bench.least.starting import start

if __name__ == "__main__":
    start(HOPS)
