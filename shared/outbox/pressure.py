"""How full the outbox is, and the bound above which nothing more is written: the broker is away, or nobody relays.

Until then writes go on as if nothing were, since a change and its event are safe in the database together.
"""

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import Final

from shared.db.session import Database, driver_of
from shared.kafka.positions import Position
from shared.metrics import pressure as metrics
from shared.metrics.outbox import OLDEST_AGE_SECONDS

_LOOK_EVERY: Final = 1.0
"""Seconds; however many write or ask, the database is asked no more often, and not at all while nobody does."""
_SAMPLE: Final = 100

# The table keeps its size on disk when it was emptied, and fills that room again: so what waits is what counts.
# Ids are handed out in sequence and taken from the front: two index probes bound the number of rows.
_LOOK: Final = f"""
    SELECT
        coalesce(last, 0) AS last,
        coalesce(first, 1) AS first,
        coalesce(extract(epoch FROM clock_timestamp() - (
            SELECT created_at FROM source.outbox WHERE id = first
        ))::float, 0) AS age,
        coalesce((
            SELECT avg(pg_column_size(newest.*)) FROM (
                SELECT * FROM source.outbox ORDER BY id DESC LIMIT {_SAMPLE}
            ) AS newest
        )::float, 0) AS width
    FROM (SELECT min(id) AS first, max(id) AS last FROM source.outbox) AS ends
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has not been published yet: seconds of the oldest row by the database's clock, rows, and bytes.

    Rows are at most so many; bytes are their number times the mean of the newest.
    """

    age: float
    position: Position
    size: float

    @property
    def rows(self) -> int:
        return self.position.end - self.position.taken


async def look(database: Database) -> Waiting:
    """Look now."""
    async with database.reading() as session:
        found = await (await driver_of(session)).fetchrow(_LOOK)
    position = Position(found["last"], found["first"] - 1)
    # A row may go between the two looks of the statement; the clock may be set back.
    return Waiting(max(0.0, found["age"]), position, (position.end - position.taken) * found["width"])


class OutboxBound:
    """Whether the outbox of one database is at its bound.

    `longest_age` is in seconds, `most_bytes` of the rows that wait. Whoever asks brings the metrics up to date, so
    that /readyz does where nobody writes, and no worker is left to tell of them.
    """

    def __init__(self, database: Database, *, longest_age: float, most_bytes: int) -> None:
        self._database = database
        self._longest_age = longest_age
        self._most_bytes = most_bytes
        self._reason: str | None = None
        self._looking = asyncio.Lock()
        self._look_at = 0.0

    async def reached(self) -> str | None:
        """Why nothing more may be written, or None; as it was at most a second ago."""
        # Who comes while somebody looks goes by what was seen last.
        if monotonic() >= self._look_at and not self._looking.locked():
            async with self._looking:
                self._reason = self._judge(await look(self._database))
                self._look_at = monotonic() + _LOOK_EVERY
        return self._reason

    def _judge(self, waiting: Waiting) -> str | None:
        # Where a relay runs in this process its own view is shown, which is newer.
        OLDEST_AGE_SECONDS.set(waiting.age)
        metrics.OUTBOX_BYTES.set(waiting.size)
        metrics.OUTBOX_ROWS.set(waiting.rows)
        if waiting.age >= self._longest_age:
            return f"the oldest of {waiting.rows} rows waits for {waiting.age:.0f} s, of {self._longest_age:.0f}"
        if waiting.size >= self._most_bytes:
            return f"{waiting.rows} rows of {waiting.size:.0f} bytes in all wait, of {self._most_bytes}"
        return None
