"""A backlog: what the topics of the installation hold, copied into others that only this chapter reads."""

import asyncio
from collections.abc import Sequence
from itertools import chain, islice
from typing import Final

from aiokafka import AIOKafkaProducer

from bench.topics import reading
from shared.kafka import settings
from shared.kafka.topics import Topic

_AT_ONCE: Final = 2_000


async def copy_records(
    bootstrap_servers: str, source: str, target: str, topics: Sequence[Topic], most: int
) -> int:
    """At most `most` records of each topic of one namespace into another; how many there were."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, **settings.PRODUCER) as producer:
        return sum([await _copy(bootstrap_servers, producer, topic, source, target, most) for topic in topics])


async def _copy(
    bootstrap_servers: str, producer: AIOKafkaProducer, topic: Topic, source: str, target: str, most: int
) -> int:
    copied = 0
    async with reading(bootstrap_servers, source, (topic,)) as reader:
        while copied < most and not await reader.is_done():
            fetched = chain.from_iterable(await reader.fetch(_AT_ONCE))
            sent = [
                await producer.send(
                    target + topic.name,
                    key=one.key,
                    value=one.value,
                    headers=list(one.headers),
                    partition=one.partition,
                )
                for one in islice(fetched, most - copied)
            ]
            await asyncio.gather(*sent)
            copied += len(sent)
    return copied
