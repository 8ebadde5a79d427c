"""Events are written to the outbox in the transaction of the change; the relay publishes them after its commit."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from asyncpg import DivisionByZeroError, UniqueViolationError
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import after_commit, driver_of, run_after_commit
from shared.events.contract import State
from shared.events.envelope import Cause
from shared.kafka.topics import MAX_RECORD_BYTES, Topic
from shared.outbox.signal import RelaySignal

# Ids are given in the order of the arrays. Causes travel joined, because unnest would flatten arrays of arrays.
# Where the condition is not true it is an error, so that no part of the statement is written, whatever it reads.
_OUTGOING: Final = """
    WITH outgoing AS (
        SELECT *
        FROM unnest($3::text[], $4::bigint[], $5::bytea[], $6::timestamptz[], $7::text[], $8::text[])
            WITH ORDINALITY AS given (key, version, payload, origin_time, causes, traceparent, place)
        WHERE 1 / (({condition}) IS TRUE)::int = 1
    )
"""
_INSERT: Final = """
    INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes, traceparent)
    SELECT $1, key, version, $2::int, payload, origin_time, string_to_array(causes, ','), traceparent
    FROM outgoing
    ORDER BY place
"""
_HELD_BACK: Final = "outbox.held_back"
_CONDITION: Final = "outbox.condition"
_PARAMETERS: Final = 8
_PARAMETER: Final = re.compile(r"\$(\d+)")


class Outgoing(NamedTuple):
    """A state to publish and what caused it."""

    state: State
    cause: Cause


class Write(NamedTuple):
    """A statement without a result, and its arguments.

    Beside states it may read them from `outgoing` (key, version, payload).
    """

    statement: str
    arguments: Sequence[Any]


_UNCONDITIONALLY: Final = Write("true", ())


class _Appending(NamedTuple):
    """The arguments of the states, and what is written beside them."""

    arguments: Sequence[Any]
    beside: Sequence[Write]


class Overtaken(Exception):
    """What an attempt has read may have changed, or it takes more than one statement: begin again with locks."""


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
    them writes. Where there is no state it goes alone. Raises RecordTooLarge, and in an attempt Overtaken.
    """
    held_back: list[_Appending] | None = session.info.get(_HELD_BACK)
    if is_attempt(session) and (held_back or not outgoing):
        raise Overtaken
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
    if held_back is None:
        await _write(session, _Appending(arguments, beside))
    else:
        held_back.append(_Appending(arguments, beside))


def hold_back(session: AsyncSession) -> None:
    """From now on `append` leaves its writing to `append_held_back`, which is called in the end."""
    session.info[_HELD_BACK] = []


def attempt(session: AsyncSession) -> None:
    """As `hold_back`, for a session without a transaction, whose writing is left to `append_at_once`.

    It locks nothing that it reads: nothing is written unless `provide` has named the condition that must still
    hold at the write.
    """
    hold_back(session)
    session.info[_CONDITION] = Write("false", ())


def is_attempt(session: AsyncSession) -> bool:
    """Whether this session reads without locks, and writes once."""
    return _CONDITION in session.info


def provide(session: AsyncSession, condition: Write) -> None:
    """An attempt writes only if the SQL expression `condition` is true; the expression may take locks."""
    session.info[_CONDITION] = condition


async def append_at_once(session: AsyncSession, last: Write) -> None:
    """Write what was held back in an attempt, and `last`, in one statement that commits by itself.

    Raises Overtaken, and nothing is written, where the condition is not true, `last` divides by zero, or a key is
    there already.
    """
    try:
        await append_held_back(session, last)
    except (DivisionByZeroError, UniqueViolationError) as error:
        raise Overtaken from error
    run_after_commit(session)


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
    condition: Write = session.info.get(_CONDITION, _UNCONDITIONALLY)
    writes = [condition, *appending.beside, *([last] if last else ())]
    statement = _joined(
        (condition.statement, len(condition.arguments)),
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
def _joined(condition: tuple[str, int], beside: tuple[tuple[str, int], ...], last: str | None) -> str:
    """All in one statement; the parameters of each follow those of the one before."""
    parts = [_OUTGOING.format(condition=_moved(condition[0], _PARAMETERS))]
    taken = _PARAMETERS + condition[1]
    for place, (statement, arguments) in enumerate(beside):
        parts.append(f", beside_{place} AS ({_moved(statement, taken)})")
        taken += arguments
    parts += [_INSERT] if last is None else [f", appended AS ({_INSERT})", _moved(last, taken)]
    return "".join(parts)


def _moved(statement: str, by: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + by}", statement)
