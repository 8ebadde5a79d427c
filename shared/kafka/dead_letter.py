"""Records that cannot be decoded or handled: kept in `source.dead_letter`, and how many are too many.

A dead letter is written in the transaction of its batch, so that it is neither lost nor written twice, and it
blocks nobody. Too many of them in one partition are no bad records but a bad release: the consumer stops.
"""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka.structs import ConsumerRecord
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of
from shared.db.trouble import state_of
from shared.kafka.record import headers_of

# A record that was replayed, and fails when it is read again, is open again; one that was dropped stays dropped.
# Where a topic was made anew, another record may have the place of a dead letter: then it takes the row as well.
_ANOTHER: Final = """
    (known.key, known.payload, known.headers) IS DISTINCT FROM (excluded.key, excluded.payload, excluded.headers)
"""
_BURY: Final = f"""
    WITH buried AS (
        INSERT INTO source.dead_letter AS known (
            consumer_group, topic, partition, "offset", key, payload, headers, reason
        )
        SELECT $1, *
        FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bytea[], $6::bytea[], $7::jsonb[], $8::text[])
        ON CONFLICT (consumer_group, topic, partition, "offset") DO UPDATE
            SET state = 'OPEN', reason = excluded.reason,
                key = excluded.key, payload = excluded.payload, headers = excluded.headers,
                created_at = CASE WHEN {_ANOTHER} THEN excluded.created_at ELSE known.created_at END
            WHERE known.state = 'REPLAYED' OR {_ANOTHER}
        RETURNING old.id, new.reason,
            CASE WHEN old.created_at = new.created_at THEN 'REOPEN' ELSE 'REPLACE' END AS action
    )
    INSERT INTO source.dead_letter_step (dead_letter_id, action, actor, outcome, note)
    SELECT id, action, $1, 'OPEN', reason FROM buried WHERE id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record and why it could not be taken in; the reason carries no personal data."""

    record: ConsumerRecord
    reason: str


@dataclass(frozen=True, slots=True)
class Limits:
    """More dead letters of one partition than this stop the consumer."""

    consecutive: int = 10
    of_last: int = 50
    last: int = 1000
    """`of_last` counts among this many of the latest records."""


class TooManyDeadLetters(Exception):
    """A partition went over its limit. The batch was rolled back: nothing is lost, nothing was skipped."""


@dataclass(frozen=True, slots=True)
class Track:
    """How the latest records of one partition fared."""

    seen: int = 0
    in_a_row: int = 0
    dead_at: tuple[int, ...] = ()

    def after(self, fine: Sequence[bool], limits: Limits) -> "Track":
        """The track after these records, in their order. Raises TooManyDeadLetters."""
        if fine and all(fine):
            return Track(self.seen + len(fine), 0, self.dead_at)
        seen, in_a_row, dead_at = self.seen, self.in_a_row, deque(self.dead_at)
        for one in fine:
            seen += 1
            in_a_row = 0 if one else in_a_row + 1
            if not one:
                dead_at.append(seen)
            while dead_at and dead_at[0] <= seen - limits.last:
                dead_at.popleft()
            _refuse_too_many(in_a_row, len(dead_at), limits)
        return Track(seen, in_a_row, tuple(dead_at))


def _refuse_too_many(in_a_row: int, recent: int, limits: Limits) -> None:
    if in_a_row > limits.consecutive:
        raise TooManyDeadLetters(f"{in_a_row} dead letters in a row")
    if recent > limits.of_last:
        raise TooManyDeadLetters(f"{recent} dead letters among the last {limits.last} records")


def reason_of(error: Exception) -> str:
    """Kind and place of a handler's error. Its message is left out: it may quote what the record holds."""
    parts = [type(error).__name__]
    state = state_of(error)
    if state:
        parts.append(f"SQLSTATE {state}")
    origin = error.__cause__ or error
    for what in ("schema_name", "table_name", "column_name", "constraint_name"):
        name = getattr(origin, what, None)
        if name:
            parts.append(f"{what} {name}")
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is not None:
        parts.append(f"in {frame.tb_frame.f_code.co_qualname}, line {frame.tb_lineno}")
    return ", ".join(parts)


async def bury(session: AsyncSession, group: str, dead: Sequence[DeadLetter]) -> None:
    """Write the dead letters in the session's transaction; one that is there already stays one."""
    if not dead:
        return
    driver = await driver_of(session)
    records = [letter.record for letter in dead]
    await driver.execute(
        _BURY,
        group,
        [record.topic for record in records],
        [record.partition for record in records],
        [record.offset for record in records],
        [record.key for record in records],
        [record.value for record in records],
        [_headers(record) for record in records],
        [letter.reason for letter in dead],
    )


def _headers(record: ConsumerRecord) -> str:
    """Headers as JSON text; bytes that are no text, and NUL, which JSONB cannot hold, are escaped."""
    readable = {
        _escaped(name): None if value is None else _escaped(value.decode(errors="backslashreplace"))
        for name, value in headers_of(record).items()
    }
    return json.dumps(readable)


def _escaped(text: str) -> str:
    return text.replace("\0", "\\x00")
