"""The relay's producer, thrown away in the midst of sending."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from shared.kafka.producer import producing
from tests.shared.conftest import Stack
from tests.shared.items import ITEMS


class Trouble(Exception):
    pass


async def _in_trouble(bootstrap_servers: str, topic: str) -> None:
    """Trouble in the midst of sending a record, whose connection is lost at the same time."""
    sending, lost = asyncio.Event(), asyncio.Event()

    async def send(*_: Any, **__: Any) -> None:
        sending.set()
        await lost.wait()
        raise KafkaConnectionError

    async with producing(bootstrap_servers, client_id="test") as producer:
        await producer.send_and_wait(topic, b"before", key=b"key")
        producer.client.send = send
        await producer.send(topic, b"in flight", key=b"key")
        await sending.wait()
        asyncio.get_running_loop().call_later(0.05, lost.set)
        raise Trouble


async def test_thrown_away_with_a_record_in_flight_it_tells_the_trouble_alone(
    stack: Stack, namespace: str
) -> None:
    with pytest.raises(Trouble):
        await _in_trouble(stack.kafka_bootstrap_servers, namespace + ITEMS.name)
