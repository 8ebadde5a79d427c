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
_OUTGOING: Final = """
    WITH outgoing AS (
        SELECT *
        FROM unnest($3::text[], $4::bigint[], $5::bytea[], $6::timestamptz[], $7::text[], $8::text[])
            WITH ORDINALITY AS given (key, version, payload, origin_time, causes, traceparent, place)
    )
"""
_INSERT: Final = """
    INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes, traceparent)
    SELECT $1, key, version, $2::int, payload, origin_time, string_to_array(causes, ','), traceparent
    FROM outgoing
    ORDER BY place
"""
_PARAMETERS: Final = 8
_PARAMETER: Final = re.compile(r"\$(\d+)")


@dataclass(frozen=True)
class Outgoing:
    """A state to publish and what caused it."""

    state: State
    cause: Cause

    @cached_property
    def payload(self) -> bytes:
        """The state as JSON: the value of its record."""
        # As `model_dump_json`, which would make a text of the bytes only for them to be made again.
        return self.state.__pydantic_serializer__.to_json(self.state)


class Write(NamedTuple):
    """A statement without a result, and its arguments. Beside states it may read them from `outgoing`

    (key, version, payload).
    """

    statement: str
    arguments: Sequence[Any]


class RecordTooLarge(ValueError):
    """A state is larger than the topics take; were it written, it would block the relay for ever."""


async def append(
    session: AsyncSession,
    topic: Topic,
    outgoing: Sequence[Outgoing],
    *,
    beside: Sequence[Write] = (),
) -> None:
    """Write the states to the outbox, in this order, and wake the relay after the commit.

    The caller has locked the rows that it changes, sorted by key, so that the ids of one key follow the order of
    commits. `beside` goes in the same round trip, for what the caller writes last: none of it sees what another of
    them writes. Where there is no state it goes alone. Raises RecordTooLarge.
    """
    if not outgoing:
        for write in beside:
            await (await driver_of(session)).execute(write.statement, *write.arguments)
        return
    # What the session still holds back takes its locks before ids are given.
    if session.in_transaction():
        await session.flush()
    states = [each.state for each in outgoing]
    causes = [each.cause for each in outgoing]
    await (await driver_of(session)).execute(
        _with_beside(tuple((write.statement, len(write.arguments)) for write in beside)),
        topic.name,
        states[0].CONTRACT,
        [state.key for state in states],
        [state.version for state in states],
        [_payload_of(topic, each) for each in outgoing],
        [cause.origin_time for cause in causes],
        [",".join(cause.causes) for cause in causes],
        [cause.traceparent for cause in causes],
        *(argument for write in beside for argument in write.arguments),
    )
    after_commit(session, RelaySignal.of_session(session).wake)


def _payload_of(topic: Topic, outgoing: Outgoing) -> bytes:
    size = len(outgoing.payload)
    if size > MAX_RECORD_BYTES:
        raise RecordTooLarge(f"A state of {topic.name} has {size} bytes, of at most {MAX_RECORD_BYTES}")
    return outgoing.payload


@cache
def _with_beside(beside: tuple[tuple[str, int], ...]) -> str:
    """All in one statement; the parameters of each follow those of the one before."""
    parts = [_OUTGOING]
    taken = _PARAMETERS
    for place, (statement, arguments) in enumerate(beside):
        parts.append(f", beside_{place} AS ({_moved(statement, taken)})")
        taken += arguments
    return "".join([*parts, _INSERT])


def _moved(statement: str, by: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + by}", statement)
