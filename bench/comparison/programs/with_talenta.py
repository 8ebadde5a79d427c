"""Talenta's own consumer: a batch, its dead letters and its offsets in one transaction."""

import asyncio
import os
from collections.abc import Sequence
from typing import Any, Final

import uvloop
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.comparison.job import SESSION, TAKE_IN, TOPIC, box_of
from shared.db.engine import Role, create_engine
from shared.db.session import Database, driver_of
from shared.events.contract import State
from shared.kafka import settings
from shared.kafka.consumer import BatchConsumer
from shared.kafka.subscription import Received, Subscription
from shared.kafka.topics import Topic


class ScoreState(State):
    """The message."""

    employee_id: str
    region: str
    x: int
    y: int

    @property
    def key(self) -> str:
        return self.employee_id


async def take_in(session: AsyncSession, batch: Sequence[Received[Any]]) -> None:
    """In the transaction that also stores the offsets."""
    scores: list[ScoreState] = [received.state for received in batch]
    await (await driver_of(session)).execute(
        TAKE_IN,
        [score.employee_id for score in scores],
        [score.region for score in scores],
        [score.version for score in scores],
        [box_of(score.x, score.y) for score in scores],
    )


SUBSCRIPTION: Final = Subscription(os.environ["GROUP"], {Topic(TOPIC, key="employee_id"): ScoreState}, take_in)


async def main() -> None:
    """Run until killed."""
    settings.CONSUMER["session_timeout_ms"] = SESSION * 1000
    engine = create_engine(os.environ["DATABASE"], service="bench", role=Role.WORKER, pool_size=2)
    namespace = os.environ["TOPIC"].removesuffix(TOPIC)
    consumer = BatchConsumer(
        SUBSCRIPTION,
        Database(engine),
        bootstrap_servers=os.environ["BROKER"],
        namespace=namespace,
    )
    await consumer.run()


if __name__ == "__main__":
    uvloop.run(main()) if os.name != "nt" else asyncio.run(main())
