"""Events are written to the outbox in the transaction of the change; the relay publishes them after its commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import after_commit, driver_of
from shared.events.contract import State
from shared.events.envelope import Cause
from shared.kafka.topics import MAX_RECORD_BYTES, Topic
from shared.outbox.signal import RelaySignal

# Ids are given in the order of the arrays. Causes travel joined, because unnest would flatten arrays of arrays.
_INSERT: Final = """
    INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes, traceparent)
    SELECT $1, key, version, contract, payload, origin_time, string_to_array(causes, ','), traceparent
    FROM unnest($2::text[], $3::bigint[], $4::int[], $5::bytea[], $6::timestamptz[], $7::text[], $8::text[])
        WITH ORDINALITY AS new (key, version, contract, payload, origin_time, causes, traceparent, place)
    ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A state to publish and what caused it."""

    state: State
    cause: Cause


class RecordTooLarge(ValueError):
    """A state is larger than the topics take; were it written, it would block the relay for ever."""


async def append(session: AsyncSession, topic: Topic, outgoing: Sequence[Outgoing]) -> None:
    """Write the states to the outbox, in this order, and wake the relay after the commit.

    The caller has locked the rows that it changes, sorted by key, so that the ids of one key follow the order of
    commits. Raises RecordTooLarge.
    """
    if not outgoing:
        return
    # What the session still holds back takes its locks before ids are given.
    await session.flush()
    states = [each.state for each in outgoing]
    causes = [each.cause for each in outgoing]
    driver = await driver_of(session)
    await driver.execute(
        _INSERT,
        topic.name,
        [state.key for state in states],
        [state.version for state in states],
        [state.CONTRACT for state in states],
        [_payload(topic, state) for state in states],
        [cause.origin_time for cause in causes],
        [",".join(cause.causes) for cause in causes],
        [cause.traceparent for cause in causes],
    )
    after_commit(session, RelaySignal.of_session(session).wake)


def _payload(topic: Topic, state: State) -> bytes:
    payload = state.model_dump_json().encode()
    if len(payload) > MAX_RECORD_BYTES:
        raise RecordTooLarge(f"A state of {topic.name} has {len(payload)} bytes, of at most {MAX_RECORD_BYTES}")
    return payload
