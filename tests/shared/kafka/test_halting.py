"""Batches can be held back, and are waited for; those who read notice nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest
from aiokafka.structs import TopicPartition
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database
from shared.kafka import offsets
from tests.shared.conditions import until

TP: Final = TopicPartition("t", 3)


async def _store(session: AsyncSession) -> None:
    await offsets.store(session, "g", {TP: 7})


@pytest.mark.parametrize("begin", [_store, offsets.join_batches])
async def test_a_batch_waits_while_others_are_halted(
    database: Database, outside: Any, begin: Callable[[AsyncSession], Awaitable[None]]
) -> None:
    async def batch() -> None:
        async with database.transaction() as session:
            await begin(session)

    async with database.transaction() as halting:
        await offsets.halt_batches(halting)
        waiting = asyncio.create_task(batch())
        await until(lambda: _somebody_waits(outside))
        async with database.transaction() as reader:
            assert await offsets.load(reader, "g", [TP]) == {}
        assert not waiting.done()
    await waiting


async def test_who_halts_waits_for_the_batch_under_way(database: Database, outside: Any) -> None:
    async def halt() -> int:
        async with database.transaction() as session:
            await offsets.halt_batches(session)
            return (await offsets.load(session, "g", [TP]))[TP]

    async with database.transaction() as batch:
        await _store(batch)
        halting = asyncio.create_task(halt())
        await until(lambda: _somebody_waits(outside))
    assert await halting == 7


async def _somebody_waits(outside: Any) -> bool:
    waits: bool = await outside.fetchval(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'derived.consumer_offset'::regclass)"
    )
    return waits
