"""Events are written to the outbox in the transaction of the change; the relay publishes them after its commit."""

import re
from collections.abc import Sequence
from functools import cache
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
_HELD_BACK: Final = "outbox.held_back"
_PARAMETERS: Final = 8
_PARAMETER: Final = re.compile(r"\$(\d+)")


class Outgoing(NamedTuple):
    """A state to publish and what caused it."""

    state: State
    cause: Cause


class Write(NamedTuple):
    """A statement without a result, and its arguments. Beside states it may read them from `outgoing`

    (key, version, payload).
    """

    statement: str
    arguments: Sequence[Any]


class _Appending(NamedTuple):
    """The arguments of the states, and what is written beside them."""

    arguments: Sequence[Any]
    beside: Sequence[Write]


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
    states = [each.state for each in outgoing]
    causes = [each.cause for each in outgoing]
    arguments = (
        topic.name,
        states[0].CONTRACT,
        [state.key for state in states],
        [state.version for state in states],
        [_payload_of(topic, state) for state in states],
        [cause.origin_time for cause in causes],
        [",".join(cause.causes) for cause in causes],
        [cause.traceparent for cause in causes],
    )
    after_commit(session, RelaySignal.of_session(session).wake)
    held_back: list[_Appending] | None = session.info.get(_HELD_BACK)
    if held_back is None:
        await _write(session, _Appending(arguments, beside))
    else:
        held_back.append(_Appending(arguments, beside))


def hold_back(session: AsyncSession) -> None:
    """From now on `append` leaves its writing to `append_held_back`, which is called in the end."""
    session.info[_HELD_BACK] = []


async def append_held_back(session: AsyncSession, last: Write | None = None) -> list[Any]:
    """Write what was held back, and in the same round trip `last`, which may have a result: its rows."""
    appending: list[_Appending] = session.info.pop(_HELD_BACK)
    if not appending:
        return await (await driver_of(session)).fetch(last.statement, *last.arguments) if last else []
    for earlier in appending[:-1]:
        await _write(session, earlier)
    return await _write(session, appending[-1], last)


async def _write(session: AsyncSession, appending: _Appending, last: Write | None = None) -> list[Any]:
    # What the session has not flushed yet takes its locks before ids are given.
    if session.in_transaction():
        await session.flush()
    writes = [*appending.beside, last] if last else appending.beside
    statement = _joined(
        tuple((write.statement, len(write.arguments)) for write in appending.beside),
        last.statement if last else None,
    )
    arguments = (argument for write in writes for argument in write.arguments)
    rows: list[Any] = await (await driver_of(session)).fetch(statement, *appending.arguments, *arguments)
    return rows


def _payload_of(topic: Topic, state: State) -> bytes:
    # As `model_dump_json`, which would make a text of the bytes only for them to be made again.
    payload = state.__pydantic_serializer__.to_json(state)
    if len(payload) > MAX_RECORD_BYTES:
        raise RecordTooLarge(f"A state of {topic.name} has {len(payload)} bytes, of at most {MAX_RECORD_BYTES}")
    return payload


@cache
def _joined(beside: tuple[tuple[str, int], ...], last: str | None) -> str:
    """All in one statement; the parameters of each follow those of the one before."""
    parts = [_OUTGOING]
    taken = _PARAMETERS
    for place, (statement, arguments) in enumerate(beside):
        parts.append(f", beside_{place} AS ({_moved(statement, taken)})")
        taken += arguments
    parts += [_INSERT] if last is None else [f", appended AS ({_INSERT})", _moved(last, taken)]
    return "".join(parts)


def _moved(statement: str, by: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + by}", statement)
