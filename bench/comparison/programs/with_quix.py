"""Quix Streams: a dataframe into a sink that writes batches."""

import os
from typing import Any, Final
from uuid import UUID

import psycopg
from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

from bench.comparison.job import BATCH, SESSION, TAKE_IN, box_of

_TAKE_IN: Final = TAKE_IN.replace("$1", "%s").replace("$2", "%s").replace("$3", "%s").replace("$4", "%s")


class Tallies(BatchingSink):
    """One transaction a partition and checkpoint; offsets are committed after it."""

    def setup(self) -> None:
        """Connect."""
        self._connection = psycopg.connect(os.environ["DATABASE"])

    def write(self, batch: SinkBatch) -> None:
        """Write what has gathered."""
        for items in batch.iter_chunks(BATCH):
            scores = [item.value for item in items]
            with self._connection.transaction():
                self._connection.execute(
                    _TAKE_IN,
                    [
                        [UUID(score["employee_id"]) for score in scores],
                        [score["region"] for score in scores],
                        [score["version"] for score in scores],
                        [score["box"] for score in scores],
                    ],
                )


def with_box(score: dict[str, Any]) -> dict[str, Any]:
    """The score and what follows from it."""
    return {**score, "box": box_of(score["x"], score["y"])}


def main() -> None:
    """Run until killed."""
    app = Application(
        broker_address=os.environ["BROKER"],
        consumer_group=os.environ["GROUP"],
        auto_offset_reset="earliest",
        consumer_extra_config={"session.timeout.ms": SESSION * 1000},
        commit_every=BATCH * 12,
        commit_interval=0.5,
        auto_create_topics=False,
        state_dir=os.environ["FOLDER"],
    )
    frame = app.dataframe(app.topic(os.environ["TOPIC"], value_deserializer="json"))
    frame.apply(with_box).sink(Tallies())
    app.run()


if __name__ == "__main__":
    main()
