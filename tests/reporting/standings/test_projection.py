"""The projection: late, repeated and reordered events come to the same rows, and mark whom they moved."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.standings import projection as module
from services.reporting.standings.projection import projection
from services.reporting.standings.queries import dirty_span
from shared.db.session import Database
from shared.events.placement import TalentState
from shared.kafka.subscription import Received
from tests.reporting.conftest import FoldAll, Project
from tests.reporting.people import CAUSE, drawn, person, seeded, state_of
from tests.shared.conditions import until


async def _dirty(connection: Any) -> list[int]:
    return [row[0].int for row in await connection.fetch("SELECT employee_id FROM derived.dirty ORDER BY id")]


async def _version(connection: Any, number: int) -> int:
    version: int = await connection.fetchval(
        "SELECT version FROM derived.standing WHERE employee_id = $1", person(number)
    )
    return version


async def test_a_state_is_written_and_marked(project: Project, connection: Any) -> None:
    await project([state_of(1)])
    row = await connection.fetchrow("SELECT * FROM derived.standing")
    assert (row["value"], row["x"], row["y"], row["box"], row["in_pool"]) == (8525, 805_000, 900_000, 9, True)
    assert (row["origin_time"], row["causes"], row["traceparent"]) == (
        CAUSE.origin_time,
        list(CAUSE.causes),
        CAUSE.traceparent,
    )
    assert await _dirty(connection) == [1]


async def test_what_is_known_already_is_neither_written_nor_marked(project: Project, connection: Any) -> None:
    await project([state_of(1, 2), state_of(2, 1)])
    await connection.execute("DELETE FROM derived.dirty")
    await project([state_of(1, 2), state_of(1, 1), state_of(2, 2)])
    assert await _dirty(connection) == [2]
    assert await _version(connection, 1) == 2


async def test_one_batch_with_one_person_many_times(project: Project, connection: Any) -> None:
    await project([state_of(1, version) for version in (1, 3, 2)])
    assert await _version(connection, 1) == 3
    assert await _dirty(connection) == [1]


async def test_nothing_of_a_failed_batch_stays(database: Database, connection: Any) -> None:
    calls: list[int] = []
    handle = projection(lambda: calls.append(1))

    async def failing_after_the_handler() -> None:
        async with database.transaction() as session:
            await handle(session, [Received(state_of(1), CAUSE)])
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await failing_after_the_handler()
    assert calls == []
    assert await connection.fetchval("SELECT count(*) FROM derived.standing") == 0
    assert await _dirty(connection) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"talent_value": "20000000"},
        {"x": "200000"},
        {"y": "1E+999999"},
        {"region": "x" * 5000},
        {"unit_id": "x" * 5000},
    ],
)
async def test_what_the_folder_would_stumble_over_is_refused(
    project: Project, connection: Any, changes: dict[str, Any]
) -> None:
    """The batch then finds the record and sets it aside; a fold would fail again and again."""
    with pytest.raises(ValueError):  # noqa: PT011 - a handler's words are not kept
        await project([state_of(1, **changes)])
    assert await connection.fetchval("SELECT count(*) FROM derived.standing") == 0


async def test_the_folder_is_woken_after_the_commit(database: Database, connection: Any) -> None:
    calls: list[int] = []
    handle = projection(lambda: calls.append(1))
    async with database.transaction() as session:
        await handle(session, [Received(state_of(1), CAUSE)])
        assert calls == []
    assert calls == [1]


async def test_two_consumers_with_the_same_people_end_at_the_newest(
    project: Project,
    connection: Any,
    fold_all: FoldAll,
) -> None:
    chance = seeded(7)
    states = [drawn(chance, number, version) for version in (1, 2, 3) for number in range(300)]

    async def consumer(mine: Sequence[TalentState]) -> None:
        for start in range(0, len(mine), 150):
            await project(mine[start : start + 150])

    other = states.copy()
    chance.shuffle(other)
    await asyncio.gather(consumer(states), consumer(other))
    assert await connection.fetchval("SELECT min(version) FROM derived.standing") == 3
    assert set(await _dirty(connection)) == set(range(300))


async def test_a_consumer_pauses_while_too_much_is_dirty(
    project: Project,
    connection: Any,
    fold_all: FoldAll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_DIRTY", 3)
    await project([state_of(number) for number in range(5)])
    paused = asyncio.create_task(project([state_of(9)]))
    # Paused, it has locked nothing and written nothing; another's fold lets it go on.
    looking = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%max(id) - min(id)%' AND pid <> pg_backend_pid()"
    )
    await until(lambda: connection.fetchval(looking))
    assert not paused.done()
    assert await connection.fetchval("SELECT count(*) FROM derived.standing") == 5
    await fold_all()
    await asyncio.wait_for(paused, 2)
    assert await connection.fetchval("SELECT count(*) FROM derived.standing") == 6


async def test_a_consumer_looks_for_the_folder_only_where_the_batch_before_left_too_much(
    database: Database,
    fold_all: FoldAll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[int] = []

    async def looked(session: AsyncSession) -> int:
        looks.append(await dirty_span(session))
        return looks[-1]

    monkeypatch.setattr(module, "MOST_DIRTY", 3)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr("services.reporting.standings.queries.dirty_span", looked)
    handle = module.projection(lambda: None)

    async def take_in(*numbers: int) -> None:
        async with database.transaction() as session:
            await handle(session, [Received(state_of(number), CAUSE) for number in numbers])

    await take_in(1, 2)
    await take_in(3)
    assert looks == [0]
    await take_in(4, 5)
    await take_in(6)
    assert looks[1:]
    assert set(looks[1:]) == {5}
    await fold_all()
    looks.clear()
    await take_in(7)
    await take_in(8)
    assert looks == [0]


async def test_a_pause_ends_also_when_nobody_folds(
    project: Project,
    connection: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_DIRTY", 0)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.1)
    await project([state_of(1)])
    await project([state_of(2)])
    assert await _dirty(connection) == [1, 2]
