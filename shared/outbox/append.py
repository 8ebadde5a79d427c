"""Events are written to the outbox in the transaction of the change; the relay publishes them after its commit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import after_commit, driver_of
from shared.events.contract import State
from shared.events.envelope import Cause
from shared.kafka.topics import MAX_RECORD_BYTES, Topic
from shared.outbox.signal import RelaySignal

# Ids are given in the order of the arrays. Causes travel joined, because unnest would flatten arrays of arrays.
_INSERT: Final = """
    INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes, traceparent)
    SELECT $1, key, version, $2::int, payload, origin_time, string_to_array(causes, ','), traceparent
    FROM unnest($3::text[], $4::bigint[], $5::bytea[], $6::timestamptz[], $7::text[], $8::text[])
        WITH ORDINALITY AS new (key, version, payload, origin_time, causes, traceparent, place)
    ORDER BY place
"""


@dataclass(frozen=True)
class Outgoing:
    """A state to publish and what caused it."""

    state: State
    cause: Cause

    @cached_property
    def payload(self) -> bytes:
        """The state as JSON: the value of its record."""
        return self.state.model_dump_json().encode()


class Write(NamedTuple):
    """A statement without a result, and its arguments."""

    statement: str
    arguments: Sequence[Any]


class RecordTooLarge(ValueError):
    """A state is larger than the topics take; were it written, it would block the relay for ever."""


async def append(
    session: AsyncSession,
    topic: Topic,
    outgoing: Sequence[Outgoing],
    *,
    beside: Write | None = None,
) -> None:
    """Write the states to the outbox, in this order, and wake the relay after the commit.

    The caller has locked the rows that it changes, sorted by key, so that the ids of one key follow the order of
    commits. `beside` is sent in the same round trip, for what the caller writes last. Raises RecordTooLarge.
    """
    if not outgoing:
        return
    # What the session still holds back takes its locks before ids are given.
    if session.in_transaction():
        await session.flush()
    states = [each.state for each in outgoing]
    causes = [each.cause for each in outgoing]
    arguments = [
        topic.name,
        states[0].CONTRACT,
        [state.key for state in states],
        [state.version for state in states],
        [_payload_of(topic, each) for each in outgoing],
        [cause.origin_time for cause in causes],
        [",".join(cause.causes) for cause in causes],
        [cause.traceparent for cause in causes],
    ]
    statement = _INSERT
    if beside:
        statement = _after(beside.statement, len(arguments))
        arguments += beside.arguments
    await (await driver_of(session)).execute(statement, *arguments)
    after_commit(session, RelaySignal.of_session(session).wake)


def _payload_of(topic: Topic, outgoing: Outgoing) -> bytes:
    size = len(outgoing.payload)
    if size > MAX_RECORD_BYTES:
        raise RecordTooLarge(f"A state of {topic.name} has {size} bytes, of at most {MAX_RECORD_BYTES}")
    return outgoing.payload


@cache
def _after(statement: str, taken: int) -> str:
    """Both statements as one; the parameters of the other come after those of the outbox."""
    moved = re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + taken}", statement)
    return f"WITH beside AS ({moved}) {_INSERT}"
