"""Faust: an agent that takes what has gathered, up to a batch."""

import os
from typing import Any
from uuid import UUID

import asyncpg
import faust

from bench.comparison.job import BATCH, SESSION, TAKE_IN, box_of

app = faust.App(
    os.environ["GROUP"],
    broker=f"kafka://{os.environ['BROKER']}",
    consumer_auto_offset_reset="earliest",
    broker_session_timeout=SESSION,
    broker_heartbeat_interval=SESSION / 3,
    store="memory://",
    topic_disable_leader=True,
    web_enabled=False,
    datadir=os.environ["FOLDER"],
)


class Score(faust.Record, serializer="json"):
    """The message."""

    employee_id: str
    region: str
    version: int
    x: int
    y: int


@app.agent(app.topic(os.environ["TOPIC"], value_type=Score))
async def take_in(scores: Any) -> None:
    """One transaction a batch; its messages are acknowledged when the next one is asked for."""
    connection = await asyncpg.connect(os.environ["DATABASE"])
    async for batch in scores.take(BATCH, within=0.05):
        await connection.execute(
            TAKE_IN,
            [UUID(score.employee_id) for score in batch],
            [score.region for score in batch],
            [score.version for score in batch],
            [box_of(score.x, score.y) for score in batch],
        )


if __name__ == "__main__":
    app.main()
