"""Records come twice, in another order, or are no events at all."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.structs import ConsumerRecord

from shared.kafka.topics import ALL, EMPLOYEES, RESULTS, TALENTS
from tests.faults.checking import POISON
from tests.faults.faults.fault import Scene

_TAIL: Final = 80
_POISONED: Final = 100
"""One record in so many is poison."""
_ROUNDS: Final = 4


async def duplicate_tail(scene: Scene) -> None:
    """The tail of every topic is produced again as it is."""
    await _again(scene, await scene.topics.tail((EMPLOYEES, RESULTS, TALENTS), _TAIL))


async def shuffle_tail(scene: Scene) -> None:
    """The tail of every topic is produced again in another order, old states behind newer ones."""
    records = await scene.topics.tail((EMPLOYEES, RESULTS, TALENTS), _TAIL)
    scene.chance.shuffle(records)
    await _again(scene, records)


async def repeat_old(scene: Scene) -> None:
    """States that are no longer the newest come again, as from a relay that wakes up late."""
    records = await scene.topics.tail((EMPLOYEES, RESULTS, TALENTS), _TAIL)
    newest = {(record.topic, record.key): record for record in records}
    await _again(scene, [record for record in records if record is not newest[record.topic, record.key]])


async def poison(scene: Scene) -> None:
    """One record in a hundred is no event: no JSON, of another type, or without anything."""
    names = [scene.system.namespace + topic.name for topic in ALL[:3]]
    async with _producing(scene) as producer:
        for _ in range(_ROUNDS):
            before = sum((await scene.topics.ends()).values())
            await scene.writes(60)
            come = sum((await scene.topics.ends()).values()) - before
            for _ in range(max(1, come // _POISONED)):
                value = scene.chance.choice([b"{not json", b"\x00\xff", b"{}", None])
                partition = scene.chance.randrange(EMPLOYEES.partitions)
                await producer.send_and_wait(scene.chance.choice(names), value, key=POISON, partition=partition)


async def _again(scene: Scene, records: Sequence[ConsumerRecord]) -> None:
    async with _producing(scene) as producer:
        for record in records:
            await producer.send(
                record.topic,
                record.value,
                key=record.key,
                partition=record.partition,
                headers=list(record.headers),
            )


@asynccontextmanager
async def _producing(scene: Scene) -> AsyncIterator[AIOKafkaProducer]:
    """Straight to the broker, as nobody in Talenta does but its relays."""
    producer = AIOKafkaProducer(bootstrap_servers=scene.system.servers.kafka)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
