"""The producer of the relay. Nothing else produces."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerClosed

from shared.kafka import settings

_LONGEST_START: Final = 40.0
"""By itself it would wait for ever for the id that makes it idempotent."""


@asynccontextmanager
async def producing(bootstrap_servers: str, *, client_id: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that is flushed at the end, but thrown away with all it has not sent on any error.

    Flushing after an error would append older states behind those that a later producer sends again. Raises
    TimeoutError where it cannot be started.
    """
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, client_id=client_id, **settings.PRODUCER)
    try:
        async with asyncio.timeout(_LONGEST_START):
            await producer.start()
        yield producer
    except BaseException:
        await _throw_away(producer)
        raise
    await producer.stop()


async def _throw_away(producer: AIOKafkaProducer) -> None:
    # aiokafka knows no end without a flush; after these two its stop() finds nothing that it could flush.
    producer._message_accumulator.fail_all(ProducerClosed())  # noqa: SLF001
    # A batch in flight whose connection is lost just now: the sender would put it back, and does not find it.
    with suppress(KeyError):
        await producer._sender.close()  # noqa: SLF001
    await producer.stop()
