"""`python -m bench.least.framed HOP PORT SERVERS NAMESPACE`: one process of the chain with its APIs in FastAPI.

`DATABASE_URL` and the services' `AUTH_…` are in the environment.
"""

from bench.least.framed.hops import HOPS
from bench.least.starting import start

if __name__ == "__main__":
    start(HOPS)
