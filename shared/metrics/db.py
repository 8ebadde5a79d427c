"""Metrics of the database connections."""

from typing import Final

from prometheus_client import Gauge
from sqlalchemy import Pool
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from shared.metrics import PREFIX

POOL_SIZE: Final = Gauge(
    "db_pool_connections",
    "Connections that the pool of this role may hold.",
    ["role"],
    namespace=PREFIX,
)
POOL_IN_USE: Final = Gauge(
    "db_pool_connections_in_use",
    "Connections in use. At the size of the pool for long: requests or batches wait for one.",
    ["role"],
    namespace=PREFIX,
)


def observe_pool(engine: AsyncEngine, role: str) -> None:
    """Let the gauges read this engine's pool at every scrape; one engine a role is observed, the latest."""
    pool: Pool = engine.pool
    if isinstance(pool, QueuePool):
        POOL_SIZE.labels(role).set(pool.size())
        POOL_IN_USE.labels(role).set_function(pool.checkedout)
