"""The topic that all programs read: in the envelope of Talenta's events, whose headers the others leave alone."""

import asyncio
import json
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from aiokafka import AIOKafkaProducer

from bench.comparison.job import TOPIC, events
from shared.events.envelope import Cause, headers_of
from shared.kafka import settings
from shared.kafka.topics import Topic, create_topics

_IN_FLIGHT: Final = 5_000


async def produce(bootstrap_servers: str, namespace: str, count: int) -> None:
    """`count` scores into a topic of this namespace, keyed by the employee."""
    await create_topics(bootstrap_servers, namespace, topics=(Topic(TOPIC, key="employee_id"),))
    cause = Cause(datetime.now(UTC))
    scores = events(count)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, **settings.PRODUCER) as producer:
        while some := list(islice(scores, _IN_FLIGHT)):
            sent = [
                await producer.send(
                    namespace + TOPIC,
                    key=score["employee_id"].encode(),
                    value=json.dumps(score).encode(),
                    headers=headers_of(
                        topic=TOPIC,
                        key=score["employee_id"],
                        version=score["version"],
                        contract=1,
                        cause=cause,
                    ),
                )
                for score in some
            ]
            await asyncio.gather(*sent)
