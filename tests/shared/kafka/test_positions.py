"""The broker tells where topics end, and groups what they have taken in."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from shared.kafka.positions import Position, Positions
from shared.kafka.reachable import broker_check
from shared.kafka.topology import Hop
from tests.ports import free_ports
from tests.shared.conditions import until
from tests.shared.conftest import Produce, Stack
from tests.shared.items import ITEMS, items
from tests.shared.kafka.conftest import GROUP, Join

HOP = Hop(ITEMS, GROUP)


async def test_position_is_the_end_and_what_the_group_took_in(
    stack: Stack, namespace: str, produce: Produce, join: Join
) -> None:
    positions = Positions(stack.kafka_bootstrap_servers, namespace, [HOP])
    try:
        assert await positions.ask() == {HOP: Position(0, 0)}
        await produce(items(50))
        assert await positions.ask() == {HOP: Position(50, 0)}
        join()

        async def taken() -> bool:
            return await positions.ask() == {HOP: Position(50, 50)}

        await until(taken)
        await positions.close()
        assert await taken(), "closed, it asks through new clients"
    finally:
        await positions.close()


async def test_broker_that_is_not_there_is_an_error_and_leaves_nothing_open(namespace: str) -> None:
    nowhere = f"127.0.0.1:{free_ports(1)[0]}"
    positions = Positions(nowhere, namespace, [HOP])
    with pytest.raises(KafkaError):
        await positions.ask()
    await positions.close()
    assert "away" in (await broker_check(nowhere)() or "")


async def test_a_client_that_does_not_start_leaves_no_other_behind(
    stack: Stack, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: AIOKafkaAdminClient) -> None:
        raise KafkaConnectionError

    monkeypatch.setattr(AIOKafkaAdminClient, "start", fail)
    positions = Positions(stack.kafka_bootstrap_servers, namespace, [HOP])
    before = asyncio.all_tasks()
    with pytest.raises(KafkaConnectionError):
        await positions.ask()
    await positions.close()
    assert asyncio.all_tasks() <= before


async def test_broker_that_is_there_is_reachable(stack: Stack) -> None:
    assert await broker_check(stack.kafka_bootstrap_servers)() is None
