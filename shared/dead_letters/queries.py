"""SQL of the dead letters and of their steps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of

# A group or topic may be given as the code names it, without the namespace of the installation.
_FIND: Final = """
    SELECT id, state, created_at, consumer_group, topic, partition, "offset", key, payload, headers, reason
    FROM source.dead_letter
    WHERE state = ANY($1::text[])
        AND ($2::bigint[] IS NULL OR id = ANY($2))
        AND ($3::text IS NULL OR consumer_group IN ($3, $9 || $3))
        AND ($4::text IS NULL OR topic IN ($4, $9 || $4))
        AND ($5::int IS NULL OR partition = $5)
        AND ($6::text IS NULL OR strpos(lower(reason), lower($6)) > 0)
        AND ($7::timestamptz IS NULL OR created_at >= $7)
        AND ($8::timestamptz IS NULL OR created_at < $8)
    ORDER BY id
    LIMIT $10
"""
_LOCK: Final = """
    SELECT id, state, created_at, consumer_group, topic, partition, "offset", key, payload, headers, reason
    FROM source.dead_letter
    WHERE id = $1
    FOR UPDATE
"""
_SET_STATE: Final = "UPDATE source.dead_letter SET state = $2 WHERE id = $1"
_ADD_STEPS: Final = """
    INSERT INTO source.dead_letter_step (dead_letter_id, action, actor, outcome, note)
    SELECT id, $2, $3, $4, $5 FROM unnest($1::bigint[]) AS id
"""
_STEPS: Final = """
    SELECT at, action, actor, outcome, note FROM source.dead_letter_step WHERE dead_letter_id = $1 ORDER BY id
"""
_COUNT_OPEN: Final = """
    SELECT consumer_group, topic, count(*) FROM source.dead_letter WHERE state = 'OPEN' GROUP BY 1, 2
"""


class State(StrEnum):
    """What became of a dead letter."""

    OPEN = "OPEN"
    REPLAYED = "REPLAYED"
    DROPPED = "DROPPED"


class Action(StrEnum):
    """What somebody did with it. Two are the consumer's.

    REOPEN: it met a replayed record again, and failed again. REPLACE: the topic was made anew, and another record
    that failed has the place of this one.
    """

    SHOW = "SHOW"
    REPLAY = "REPLAY"
    DROP = "DROP"
    REOPEN = "REOPEN"
    REPLACE = "REPLACE"


class Outcome(StrEnum):
    """How a step ended."""

    SHOWN = "SHOWN"
    REPLAYED = "REPLAYED"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dead letters; None is no condition. `reason` is a part of it, `until` is not included."""

    states: Collection[State] = (State.OPEN,)
    ids: Collection[int] | None = None
    group: str | None = None
    topic: str | None = None
    partition: int | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter as it is kept."""

    id: int
    state: State
    created_at: datetime
    group: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    payload: bytes | None
    headers: dict[str, str | None]
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """What was done with a dead letter, when, by whom and with which outcome."""

    at: datetime
    action: Action
    actor: str
    outcome: str
    note: str | None


async def find(session: AsyncSession, wanted: Wanted, *, namespace: str, most: int) -> list[Letter]:
    """At most so many, the oldest first."""
    driver = await driver_of(session)
    rows = await driver.fetch(
        _FIND,
        list(wanted.states),
        None if wanted.ids is None else list(wanted.ids),
        wanted.group,
        wanted.topic,
        wanted.partition,
        wanted.reason,
        wanted.since,
        wanted.until,
        namespace,
        most,
    )
    return [_letter(row) for row in rows]


async def lock(session: AsyncSession, letter_id: int) -> Letter | None:
    """Lock the row, so that whoever else wants it waits for what becomes of it here. None: there is no such."""
    driver = await driver_of(session)
    row = await driver.fetchrow(_LOCK, letter_id)
    return None if row is None else _letter(row)


async def set_state(session: AsyncSession, letter_id: int, state: State) -> None:
    driver = await driver_of(session)
    await driver.execute(_SET_STATE, letter_id, state)


async def add_steps(
    session: AsyncSession,
    letter_ids: Sequence[int],
    action: Action,
    *,
    actor: str,
    outcome: Outcome,
    note: str | None = None,
) -> None:
    """The same step of each. The table takes no change of what it holds."""
    driver = await driver_of(session)
    await driver.execute(_ADD_STEPS, list(letter_ids), action, actor, outcome, note)


async def read_steps(session: AsyncSession, letter_id: int) -> list[Step]:
    """In their order."""
    driver = await driver_of(session)
    return [
        Step(row["at"], Action(row["action"]), row["actor"], row["outcome"], row["note"])
        for row in await driver.fetch(_STEPS, letter_id)
    ]


async def count_open(session: AsyncSession) -> dict[tuple[str, str], int]:
    """Open dead letters by group and topic; from an index that holds no others."""
    driver = await driver_of(session)
    return {(group, topic): count for group, topic, count in await driver.fetch(_COUNT_OPEN)}


def _letter(row: Any) -> Letter:
    return Letter(
        id=row["id"],
        state=State(row["state"]),
        created_at=row["created_at"],
        group=row["consumer_group"],
        topic=row["topic"],
        partition=row["partition"],
        offset=row["offset"],
        key=row["key"],
        payload=row["payload"],
        headers=row["headers"],
        reason=row["reason"],
    )
