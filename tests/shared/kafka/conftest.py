"""Members of the group of items."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol

import pytest_asyncio

from shared.db.session import Database
from shared.kafka.consumer import BatchConsumer
from shared.kafka.dead_letter import Limits
from shared.kafka.subscription import Handler, Subscription
from tests.shared.conditions import until
from tests.shared.conftest import Stack
from tests.shared.items import ITEMS, ItemState, upsert_items

GROUP = "test.items"


class Join(Protocol):
    """Start a member of the group."""

    def __call__(
        self,
        handle: Handler = ...,
        *,
        limits: Limits | None = None,
        batch_records: int = 500,
    ) -> BatchConsumer: ...


@pytest_asyncio.fixture(loop_scope="session")
async def join(stack: Stack, database: Database, namespace: str) -> AsyncIterator[Join]:
    """Members still running at the end of the test are stopped; one that failed fails the test."""
    running: dict[BatchConsumer, asyncio.Task[None]] = {}

    def start(
        handle: Handler = upsert_items,
        *,
        limits: Limits | None = None,
        batch_records: int = 500,
    ) -> BatchConsumer:
        member = BatchConsumer(
            Subscription(GROUP, {ITEMS: ItemState}, handle),
            database,
            bootstrap_servers=stack.kafka_bootstrap_servers,
            namespace=namespace,
            batch_records=batch_records,
            limits=limits,
        )
        running[member] = asyncio.create_task(member.run())
        return member

    yield start
    for member in running:
        member.stop()
    await asyncio.gather(*running.values())


async def until_handled(outside: Any, count: int) -> None:
    """Wait until so many different states were handled."""

    async def there() -> bool:
        seen: int = await outside.fetchval(
            "SELECT count(*) FROM (SELECT DISTINCT item_id, version FROM derived.handled)"
        )
        return seen >= count

    await until(there)


async def handled(outside: Any) -> dict[str, list[int]]:
    """What was handled, in its order: the versions of each item."""
    versions: dict[str, list[int]] = {}
    for row in await outside.fetch("SELECT item_id, version FROM derived.handled ORDER BY place"):
        versions.setdefault(row["item_id"], []).append(row["version"])
    return versions
