"""`python -m bench.least.asked HOP PORT SERVERS NAMESPACE`: one process of the chain with all that is asked of it.

`DATABASE_URL` and the services' `AUTH_…` are in the environment.
"""

from bench.least.asked.hops import HOPS
from bench.least.starting import start

if __name__ == "__main__":
    start(HOPS)
