"""Replaying and dropping: effects once, the state and the step with them, and nothing to change later."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database, driver_of
from shared.dead_letters.queries import Outcome
from shared.dead_letters.repair import Repair
from shared.kafka.subscription import Received
from shared.outbox.append import Outgoing, append
from tests.shared.conditions import until
from tests.shared.dead_letters.conftest import Bury, repair_of, state_of
from tests.shared.items import ITEMS, ORIGIN, UNHANDLED, ItemState, item, record_of, upsert_items


async def _publish(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
    """A handler with everything that handlers do: a guarded write, and an outbox row where that was news."""
    driver = await driver_of(session)
    for one in received:
        known = await driver.fetchval("SELECT version FROM derived.item WHERE item_id = $1", one.state.item_id)
        await upsert_items(session, [one])
        if known is None or known < one.state.version:
            await append(session, ITEMS, [Outgoing(one.state, one.cause)])


async def _count(outside: Any, table: str) -> int:
    count: int = await outside.fetchval(f"SELECT count(*) FROM {table}")
    return count


async def test_a_replay_has_the_effects_that_the_consumer_would_have_had(
    database: Database, outside: Any, buried: Bury, steps: Any
) -> None:
    [letter] = await buried(item("i1", 3, 7))
    treated = await repair_of(database, _publish).replay(letter)
    assert treated.outcome is Outcome.REPLAYED
    assert tuple(await outside.fetchrow("SELECT version, value FROM derived.item")) == (3, 7)
    row = await outside.fetchrow("SELECT key, version, origin_time, causes FROM source.outbox")
    assert tuple(row) == ("i1", 3, ORIGIN, ["item-change/i1"])
    assert await state_of(outside, letter) == "REPLAYED"
    assert await steps(letter) == [("REPLAY", "siti", "REPLAYED", None)]


async def test_effects_are_undone_when_the_step_cannot_be_written(
    database: Database, outside: Any, buried: Bury, monkeypatch: pytest.MonkeyPatch
) -> None:
    [letter] = await buried(item("i1"))

    async def fail(*_arguments: Any, **_more: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("shared.dead_letters.queries.add_steps", fail)
    with pytest.raises(RuntimeError):
        await repair_of(database, _publish).replay(letter)
    assert await _count(outside, "derived.item") == await _count(outside, "source.outbox") == 0
    assert await state_of(outside, letter) == "OPEN"


async def _somebody_waits(outside: Any) -> bool:
    waits: bool = await outside.fetchval(
        "SELECT EXISTS (SELECT FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock')",
    )
    return waits


async def test_twice_at_once_has_its_effects_once(
    database: Database, outside: Any, buried: Bury, steps: Any
) -> None:
    [letter] = await buried(item("i1"))
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
        inside.set()
        await go_on.wait()
        await _publish(session, received)

    first = asyncio.create_task(repair_of(database, slowly).replay(letter))
    await inside.wait()
    second = asyncio.create_task(repair_of(database, _publish).replay(letter))
    await until(lambda: _somebody_waits(outside))
    go_on.set()
    assert [(await each).outcome for each in (first, second)] == [Outcome.REPLAYED, None]
    third = await repair_of(database, _publish).replay(letter)
    assert (third.outcome, third.note) == (None, "is REPLAYED already")
    assert await _count(outside, "derived.handled") == await _count(outside, "source.outbox") == 1
    assert len(await steps(letter)) == 1


async def test_an_old_version_changes_nothing(database: Database, outside: Any, buried: Bury) -> None:
    [letter] = await buried(item("i1", 1, 1))
    await outside.execute("INSERT INTO derived.item (item_id, version, value) VALUES ('i1', 5, 50)")
    assert (await repair_of(database, _publish).replay(letter)).outcome is Outcome.REPLAYED
    assert tuple(await outside.fetchrow("SELECT version, value FROM derived.item")) == (5, 50)
    assert await _count(outside, "source.outbox") == 0


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (record_of(item("i1", 1, UNHANDLED)), "SQLSTATE 23514"),
        (record_of(item("i1")) | {"value": b"no json"}, "not a ItemState"),
        (record_of(item("i1")) | {"value": None}, "no value"),
        (record_of(item("i1")) | {"headers": [("ce_type", b"\xff")]}, "ce_type is not that of the topic"),
        (record_of(item("i1")) | {"headers": [("ce_type", None)]}, "ce_type is not that of the topic"),
    ],
)
async def test_what_fails_again_leaves_its_step_and_nothing_else(
    database: Database, outside: Any, buried: Bury, steps: Any, record: dict[str, Any], reason: str
) -> None:
    [letter] = await buried(record)
    treated = await repair_of(database, _log_then_upsert).replay(letter)
    assert treated.outcome is Outcome.FAILED
    assert await state_of(outside, letter) == "OPEN"
    [(action, _, outcome, note)] = await steps(letter)
    assert (action, outcome) == ("REPLAY", "FAILED")
    assert reason in note
    assert await _count(outside, "derived.handled") == await _count(outside, "source.outbox") == 0


async def _log_then_upsert(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
    """Leaves something behind before it fails."""
    driver = await driver_of(session)
    await driver.execute("INSERT INTO derived.handled (item_id, version) VALUES ('x', 1)")
    await _publish(session, received)


async def _pledge(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
    driver = await driver_of(session)
    await driver.execute("INSERT INTO derived.pledge VALUES ($1)", received[0].state.item_id)


async def test_what_would_fail_only_at_the_commit_fails_alone(
    database: Database, outside: Any, buried: Bury
) -> None:
    [letter] = await buried(item("i1"))
    await outside.execute("INSERT INTO derived.pledge VALUES ('i1')")
    treated = await repair_of(database, _pledge).replay(letter)
    assert treated.outcome is Outcome.FAILED
    assert "uq_pledge_item_id" in str(treated.note)


async def test_a_letter_of_a_group_that_is_no_more_stays(database: Database, outside: Any, buried: Bury) -> None:
    [letter] = await buried(item("i1"))
    nobody = Repair(database, [], namespace="staging.", actor="siti")
    assert (await nobody.replay(letter)).outcome is Outcome.FAILED
    assert await state_of(outside, letter) == "OPEN"
    assert (await nobody.replay(letter + 1)).note == "there is no such dead letter"


async def test_trouble_of_the_database_is_tried_again_and_is_no_fault_of_the_record(
    database: Database, outside: Any, buried: Bury, steps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.dead_letters.repair.pause_before", lambda _attempt: 0.0)
    tries: list[int] = []

    async def later(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise asyncpg.DeadlockDetectedError
        await _publish(session, received)

    [first, second] = await buried(item("i1"), item("i2"))
    assert (await repair_of(database, later).replay(first)).outcome is Outcome.REPLAYED
    assert len(tries) == 3

    async def never(_session: AsyncSession, _received: Sequence[Received[ItemState]]) -> None:
        raise asyncpg.DeadlockDetectedError

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await repair_of(database, never).replay(second)
    assert await steps(second) == []
    assert await state_of(outside, second) == "OPEN"


async def test_a_dropped_letter_is_kept_with_the_reason_and_never_replayed(
    database: Database, outside: Any, buried: Bury, steps: Any
) -> None:
    [letter] = await buried(item("i1"))
    repair = repair_of(database)
    assert (await repair.drop(letter, "sent twice for 198703122010011001")).outcome is Outcome.DROPPED
    assert await steps(letter) == [("DROP", "siti", "DROPPED", "sent twice for 1987**************")]
    assert (await repair.replay(letter)).note == "is DROPPED already"
    assert await _count(outside, "derived.item") == 0
    assert await _count(outside, "source.dead_letter") == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE source.dead_letter_step SET actor = 'nobody'",
        "DELETE FROM source.dead_letter_step",
        "TRUNCATE source.dead_letter_step",
    ],
)
async def test_steps_are_never_changed(
    database: Database, outside: Any, buried: Bury, steps: Any, change: str
) -> None:
    [letter] = await buried(item("i1"))
    await repair_of(database).drop(letter, "a test")
    with pytest.raises(asyncpg.RestrictViolationError, match="only ever added to"):
        await outside.execute(change)
    assert len(await steps(letter)) == 1


async def test_a_replayed_record_that_fails_when_it_is_read_again_is_open_again(
    database: Database, outside: Any, buried: Bury, steps: Any
) -> None:
    [replayed, dropped] = await buried(item("i1"), item("i2"))
    await repair_of(database).replay(replayed)
    await repair_of(database).drop(dropped, "a test")
    await buried(item("i1"), item("i2"), reason="TypeError")
    assert [await state_of(outside, letter) for letter in (replayed, dropped)] == ["OPEN", "DROPPED"]
    assert (await steps(replayed))[-1] == ("REOPEN", "staging.test.items", "OPEN", "TypeError")
    assert len(await steps(dropped)) == 1


async def test_another_record_at_the_place_of_a_dead_letter_takes_its_row(
    database: Database, outside: Any, buried: Bury, steps: Any
) -> None:
    """The topic was made anew: its offsets are given again."""
    before = await buried(item("i1"), item("i2"), item("i3"))
    await repair_of(database).replay(before[0])
    await repair_of(database).drop(before[1], "a test")
    anew = [item("i4", 2, 8), item("i2", 2, 8), item("i5", 2, 8)]
    assert await buried(*anew, reason="TypeError") == before
    for letter, state in zip(before, anew, strict=True):
        row = await outside.fetchrow(
            "SELECT key, payload, state, reason FROM source.dead_letter WHERE id = $1", letter
        )
        assert tuple(row) == (*list(record_of(state).values())[:2], "OPEN", "TypeError")
        assert (await steps(letter))[-1] == ("REPLACE", "staging.test.items", "OPEN", "TypeError")
        assert (await repair_of(database).replay(letter)).outcome is Outcome.REPLAYED
    assert await _count(outside, "derived.item WHERE version = 2 AND value = 8") == 3
