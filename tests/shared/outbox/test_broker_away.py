"""While the broker acknowledges nothing, the relay lives on and keeps its producer; then all comes in order."""

import asyncio
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import RequestTimedOutError
from aiokafka.producer.sender import Sender
from aiokafka.protocol.produce import ProduceRequest
from prometheus_client import REGISTRY

from shared.db.session import Database
from shared.kafka import producer as producer_module
from shared.kafka import settings
from shared.outbox import relay as relay_module
from shared.outbox.relay import Relay
from tests.shared.conditions import until
from tests.shared.conftest import Published
from tests.shared.items import ItemState, item
from tests.shared.outbox.conftest import StartRelay, commit, until_active, until_empty


class Silence:
    """Of a broker that gets what is published, and neither keeps nor acknowledges it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lasts = True
        self.asked = 0
        send = AIOKafkaClient.send
        silence = self

        async def ask(client: AIOKafkaClient, node: int, request: Any, **how: Any) -> Any:
            if silence.lasts and isinstance(request, ProduceRequest):
                silence.asked += 1
                await asyncio.sleep(0.1)
                raise RequestTimedOutError
            return await send(client, node, request, **how)

        monkeypatch.setattr(AIOKafkaClient, "send", ask)

    async def until_asked(self, times: int = 1) -> None:
        async def asked() -> bool:
            return self.asked >= times

        await until(asked)


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[Silence]:
    made = Silence(monkeypatch)
    yield made
    made.lasts = False


async def _until_it_goes_round(relay: Relay) -> None:
    now = monotonic()

    async def goes_round() -> bool:
        return relay.last_loop_at > now

    await until(goes_round)


def _restarts() -> float:
    return REGISTRY.get_sample_value("talenta_outbox_relay_restarts_total") or 0


async def _until_restarted(before: float) -> None:
    async def restarted() -> bool:
        return _restarts() > before

    await until(restarted)


async def _versions(published: Published) -> list[int]:
    return [ItemState.model_validate_json(record.value).version for record in await published()]


async def test_a_silent_broker_is_waited_for_with_the_same_producer(
    database: Database, outside: Any, published: Published, start_relay: StartRelay, silence: Silence
) -> None:
    before = _restarts()
    relay = start_relay()
    await commit(database, item("i1", 1))
    await silence.until_asked()
    await commit(database, item("i1", 2))
    await _until_it_goes_round(relay)
    await silence.until_asked(5)
    silence.lasts = False
    await until_empty(outside)
    assert await _versions(published) == [1, 2]
    assert _restarts() == before


async def test_what_the_producer_has_no_room_for_is_handed_over_later(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
    silence: Silence,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The producer itself waits for room no longer than for an answer."""
    monkeypatch.setitem(settings.PRODUCER, "max_batch_size", 1)
    monkeypatch.setitem(settings.PRODUCER, "request_timeout_ms", 300)
    before = _restarts()
    start_relay()
    await commit(database, *(item(f"i{number}") for number in range(20)))
    await silence.until_asked(10)
    silence.lasts = False
    await until_empty(outside)
    assert await _versions(published) == [1] * 20
    assert _restarts() == before


async def test_a_producer_that_is_never_answered_is_thrown_away_at_last(
    database: Database,
    outside: Any,
    published: Published,
    start_relay: StartRelay,
    silence: Silence,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay_module, "_LONGEST_SENDING", 0.5)
    before = _restarts()
    start_relay()
    await commit(database, item("i1", 1), item("i1", 2))
    await _until_restarted(before)
    silence.lasts = False
    await until_empty(outside)
    assert await _versions(published) == [2]


async def test_a_producer_that_does_not_start_is_given_up(
    start_relay: StartRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = asyncio.Event()
    start = Sender.start

    async def start_when_answered(sender: Sender) -> None:
        await answered.wait()
        await start(sender)

    monkeypatch.setattr(producer_module, "_LONGEST_START", 0.3)
    monkeypatch.setattr(Sender, "start", start_when_answered)
    before = _restarts()
    relay = start_relay()
    await _until_restarted(before)
    answered.set()
    await until_active(relay)
