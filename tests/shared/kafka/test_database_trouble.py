"""Trouble of the database is outlived in place: nothing is lost, nothing is buried."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of
from shared.kafka.subscription import Received
from tests.shared.conditions import until
from tests.shared.conftest import Produce
from tests.shared.items import ITEMS, ItemState, items, upsert_items
from tests.shared.kafka.conftest import GROUP, Join, handled, until_handled

Batch = Sequence[Received[ItemState]]


async def test_a_connection_killed_in_mid_batch_costs_nothing(outside: Any, produce: Produce, join: Join) -> None:
    killed: list[int] = []

    async def killed_once(session: AsyncSession, received: Batch) -> None:
        await upsert_items(session, received)
        if not killed:
            driver = await driver_of(session)
            killed.append(await driver.fetchval("SELECT pg_backend_pid()"))
            await outside.execute("SELECT pg_terminate_backend($1, 5000)", killed[0])

    await produce(items(100, keys=10))
    join(killed_once)
    await until_handled(outside, 100)
    assert killed
    assert await handled(outside) == {f"i{key}": list(range(1, 11)) for key in range(10)}
    assert await outside.fetch("SELECT FROM source.dead_letter") == []


async def test_all_connections_killed_while_it_waits_cost_nothing(
    outside: Any,
    produce: Produce,
    join: Join,
) -> None:
    join()
    await produce(items(10))
    await until_handled(outside, 10)
    await outside.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'core.worker' "
        "AND datname = current_database()",
    )
    await produce(items(30, keys=10)[10:])
    await until_handled(outside, 30)
    assert await handled(outside) == {f"i{key}": [1, 2, 3] for key in range(10)}


@pytest.mark.parametrize("state", ["40P01", "40001", "55P03", "25P04", "57014"])
async def test_it_is_tried_again_in_place_and_no_record_is_blamed(
    outside: Any,
    produce: Produce,
    join: Join,
    namespace: str,
    state: str,
) -> None:
    tries = 0

    async def failing_thrice(session: AsyncSession, received: Batch) -> None:
        nonlocal tries
        tries += 1
        await upsert_items(session, received)
        if tries <= 3:
            raising = f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{state}'; END $$"
            await (await session.connection()).execute(text(raising))

    await produce(items(1))
    join(failing_thrice)
    await until_handled(outside, 1)
    assert tries == 4
    assert await outside.fetch("SELECT FROM source.dead_letter") == []
    labels = {"group": namespace + GROUP}
    assert REGISTRY.get_sample_value("talenta_consumer_rebalances_total", labels) == 1
    assert REGISTRY.get_sample_value("talenta_consumer_database_troubles_total", labels) == 3


async def test_a_consumer_that_waits_for_the_database_can_be_stopped(produce: Produce, join: Join) -> None:
    troubled = asyncio.Event()

    async def in_trouble(_session: AsyncSession, _received: Batch) -> None:
        troubled.set()
        raise ConnectionResetError

    member = join(in_trouble)
    await produce(items(1))
    await troubled.wait()
    before = member.last_loop_at

    async def tries_on() -> bool:
        return member.last_loop_at > before

    await until(tries_on)
    # The fixture stops it, and would wait for ever for one that cannot be stopped.


def lag(namespace: str) -> float | None:
    labels = {"group": namespace + GROUP, "topic": namespace + ITEMS.name}
    return REGISTRY.get_sample_value("talenta_consumer_lag_records", labels)


async def test_it_says_how_far_behind_it_is_while_it_waits(produce: Produce, join: Join, namespace: str) -> None:
    away = True

    async def sometimes(session: AsyncSession, received: Batch) -> None:
        if away:
            raise ConnectionResetError
        await upsert_items(session, received)

    async def is_behind(records: int) -> bool:
        return lag(namespace) == records

    join(sometimes)
    await until(lambda: is_behind(0))
    await produce(items(5, keys=1))
    await until(lambda: is_behind(5))
    away = False
    await until(lambda: is_behind(0))


async def test_it_says_so_where_partitions_were_given_anew_meanwhile(
    outside: Any, produce: Produce, join: Join, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise ConnectionResetError

    async def unplaced() -> bool:
        return not member._assignment.placed

    async def is_behind(*, so: bool) -> bool:
        return bool(lag(namespace)) is so

    member = join()
    await produce(items(1))
    await until_handled(outside, 1)
    await until(lambda: is_behind(so=False))
    with monkeypatch.context() as patched:
        patched.setattr("shared.kafka.offsets.load", away)
        join()
        await until(unplaced)
        await produce(items(40)[1:])
        await until(lambda: is_behind(so=True))
    await until_handled(outside, 40)
    await until(lambda: is_behind(so=False))
