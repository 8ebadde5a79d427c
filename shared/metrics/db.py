"""Metrics of the database connections."""

from typing import Final

from prometheus_client import Gauge
from sqlalchemy import Pool
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from shared.metrics import PREFIX

POOL_SIZE: Final = Gauge(
    "db_pool_connections",
    "Connections that the pool may hold.",
    namespace=PREFIX,
)
POOL_IN_USE: Final = Gauge(
    "db_pool_connections_in_use",
    "Connections in use. At the size of the pool for long: requests or batches wait for one.",
    namespace=PREFIX,
)


def observe_pool(engine: AsyncEngine) -> None:
    """Let the gauges read this engine's pool at every scrape; one engine a process is observed, the latest."""
    pool: Pool = engine.pool
    if isinstance(pool, QueuePool):
        POOL_SIZE.set(pool.size())
        POOL_IN_USE.set_function(pool.checkedout)
