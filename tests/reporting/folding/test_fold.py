"""The folder on a real database: exact under concurrency, and silent when nothing changed."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.reporting.boards.rules import policy_in_force
from services.reporting.folding.service import fold
from services.reporting.standings.projection import projection
from shared.db.moved import MOST_TOLD, MOVED
from shared.db.session import Database
from shared.events.envelope import MOST_CAUSES, Cause
from shared.events.placement import InputVersions, TalentState
from shared.kafka.subscription import Received
from tests.reporting.conftest import FoldAll, Project
from tests.reporting.people import CAUSE, differences_from_recount, drawn, person, seeded, state_of
from tests.shared.conditions import until
from tests.shared.notifications import heard


async def _revision(connection: Any) -> int:
    number: int = await connection.fetchval("SELECT number FROM derived.revision")
    return number


async def test_consumers_and_folders_at_once_end_exact(
    project: Project,
    database: Database,
    connection: Any,
    fold_all: FoldAll,
) -> None:
    chance = seeded(11)
    states = [drawn(chance, number, version) for version in range(1, 6) for number in range(200)]
    consuming = 2

    async def consumer(mine: Sequence[TalentState]) -> None:
        nonlocal consuming
        for start in range(0, len(mine), 37):
            await project(mine[start : start + 37])
        consuming -= 1

    async def folder() -> int:
        folds = 0
        while consuming:
            async with database.transaction() as session:
                await fold(session, policy_in_force(), most=53)
            folds += 1
        return folds

    shuffled = states.copy()
    chance.shuffle(shuffled)
    *_, one, other = await asyncio.gather(consumer(states), consumer(shuffled), folder(), folder())
    assert min(one, other) > 1, "the two folders did not run beside the consumers"
    await fold_all()
    assert await differences_from_recount(connection, states) == []
    assert await connection.fetchval("SELECT count(*) FROM derived.dirty") == 0


async def test_readers_are_told_of_a_fold_that_took_somebody(
    project: Project, fold_all: FoldAll, connection: Any
) -> None:
    async with heard(connection, MOVED) as notifications:
        await fold_all()
    assert notifications == []
    await project([state_of(1), state_of(2)])
    async with heard(connection, MOVED) as notifications:
        await fold_all()
    assert [set(told.split(",")) for told in notifications] == [{str(person(1)), str(person(2))}]


async def test_readers_are_told_of_no_names_where_a_fold_took_many(
    project: Project, fold_all: FoldAll, connection: Any
) -> None:
    await project([state_of(number) for number in range(MOST_TOLD + 1)])
    async with heard(connection, MOVED) as notifications:
        await fold_all()
    assert notifications == [""]


@pytest.mark.parametrize("seed", range(8))
async def test_any_telling_comes_to_the_sums_of_the_final_states(
    project: Project, connection: Any, fold_all: FoldAll, seed: int
) -> None:
    """States of a few people in several versions: shuffled, some told twice, cut into batches and folds."""
    chance = seeded(seed)
    states = [drawn(chance, number, version) for number in range(6) for version in range(1, 6)]
    told = [*states, *chance.sample(states, 10)]
    chance.shuffle(told)
    cut = chance.randint(1, 8)
    for start in range(0, len(told), cut):
        await project(told[start : start + cut])
        await fold_all()
    assert await differences_from_recount(connection, states) == []


async def test_who_change_places_leave_every_sum_as_it_was(
    project: Project, connection: Any, fold_all: FoldAll
) -> None:
    one: dict[str, Any] = {"region": "33.01", "talent_value": "70.5"}
    other: dict[str, Any] = {"region": "33.74", "talent_value": "70.51"}
    await project([state_of(1, **one), state_of(2, **other)])
    await fold_all()
    sums = "SELECT region_tally.* FROM derived.region_tally ORDER BY region"
    before = await connection.fetch(sums), await _revision(connection)
    moved = [state_of(1, 2, **other), state_of(2, 2, **one)]
    await project(moved)
    await fold_all()
    assert await differences_from_recount(connection, moved) == []
    assert (await connection.fetch(sums), await _revision(connection)) == (before[0], before[1] + 1)


async def test_two_folders_take_turns(project: Project, database: Database, connection: Any) -> None:
    await project([state_of(1), state_of(2)])
    async with database.transaction() as session:
        await fold(session, policy_in_force(), most=1)
        second = asyncio.create_task(_fold_once(database))
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        await until(lambda: connection.fetchval(waiting))
        assert await connection.fetchval("SELECT count(*) FROM derived.folded") == 0
    await second
    assert await connection.fetchval("SELECT count(*) FROM derived.folded") == 2


async def _fold_once(database: Database) -> None:
    async with database.transaction() as session:
        await fold(session, policy_in_force(), most=1)


async def test_a_mark_with_a_lower_id_that_commits_later_is_not_left_out(
    project: Project,
    database: Database,
    connection: Any,
    fold_all: FoldAll,
) -> None:
    handle = projection(lambda: None)
    async with database.transaction() as late:
        await handle(late, [Received(state_of(1), CAUSE)])
        await project([state_of(2)])
        await fold_all()
        assert await differences_from_recount(connection, [state_of(2)]) == []
    await fold_all()
    assert await differences_from_recount(connection, [state_of(1), state_of(2)]) == []


async def test_a_mark_twice_changes_nothing(project: Project, connection: Any, fold_all: FoldAll) -> None:
    await project([state_of(1)])
    mark = "INSERT INTO derived.dirty (employee_id) VALUES ($1), ($1)"
    await connection.execute(mark, person(1))
    await fold_all()
    before = await _revision(connection), await connection.fetch("SELECT * FROM derived.folded")
    await connection.execute(mark, person(1))
    await fold_all()
    assert (await _revision(connection), await connection.fetch("SELECT * FROM derived.folded")) == before
    assert await differences_from_recount(connection, [state_of(1)]) == []


async def test_input_versions_alone_are_taken_in_without_a_new_revision(
    project: Project,
    connection: Any,
    fold_all: FoldAll,
) -> None:
    await project([state_of(1)])
    await fold_all()
    before = await _revision(connection)
    await project([state_of(1, 2, inputs=InputVersions(employee=7, assessment=9))])
    await fold_all()
    assert await _revision(connection) == before
    row = await connection.fetchrow("SELECT employee_version, assessment_version, version FROM derived.folded")
    assert tuple(row) == (7, 9, 2)


async def test_a_standing_that_was_replaced_before_a_fold_hands_its_cause_on(
    project: Project,
    connection: Any,
    fold_all: FoldAll,
) -> None:
    causes = [
        Cause(CAUSE.origin_time + timedelta(seconds=version), (f"performance-score/{version}",))
        for version in range(5)
    ]
    await project([state_of(1, 1)], causes[1])
    await fold_all()
    await project([state_of(1, 2, y=10)], causes[2])
    await project([state_of(1, 3, y=20)], causes[3])
    await project([state_of(1, 2, y=10)], causes[2])
    await fold_all()
    # All that led from the fold before to this one, and nothing from before.
    told = causes[2].origin_time, ["performance-score/2", "performance-score/3"]
    assert tuple(await connection.fetchrow("SELECT origin_time, causes FROM derived.folded")) == told
    await project([state_of(1, 4, y=30)], causes[4])
    await fold_all()
    told = causes[4].origin_time, ["performance-score/4"]
    assert tuple(await connection.fetchrow("SELECT origin_time, causes FROM derived.folded")) == told


async def test_a_standing_that_waits_for_long_names_the_latest_causes(
    project: Project, connection: Any, fold_all: FoldAll
) -> None:
    for version in range(1, MOST_CAUSES + 3):
        await project(
            [state_of(1, version)], Cause(CAUSE.origin_time, (f"employee/{version}", f"calendar/{version}"))
        )
    await fold_all()
    causes = await connection.fetchval("SELECT causes FROM derived.folded")
    assert (len(causes), causes[-1]) == (MOST_CAUSES, f"calendar/{MOST_CAUSES + 2}")


async def test_moves_of_every_kind_end_exact(project: Project, connection: Any, fold_all: FoldAll) -> None:
    everybody = [state_of(number) for number in range(12)]
    moved = [
        state_of(0, 2, region="33.01"),
        state_of(1, 2, unit_id="bkd"),
        state_of(2, 2, level="PELAKSANA"),
        state_of(3, 2, active=False),
        state_of(4, 2, talent_value=None, x=None, box=None, in_pool=False),
        state_of(5, 2, region="34.71", level="PELAKSANA", unit_id="other", talent_value="0", y="0"),
        state_of(6, 2, talent_value="100", in_pool=False),
    ]
    back = [state_of(number, 3) for number in range(7)]
    for step in (everybody, moved, back):
        await project(step)
        await fold_all()
        newest = {
            state.key: state
            for told in (everybody, moved, back)[: 1 + [everybody, moved, back].index(step)]
            for state in told
        }
        assert await differences_from_recount(connection, newest.values()) == []


async def test_a_fold_takes_what_is_there_and_says_whether_more_waits(
    project: Project, database: Database
) -> None:
    await project([state_of(number) for number in range(3)])
    async with database.transaction() as session:
        assert await fold(session, policy_in_force(), most=2) is True
    async with database.transaction() as session:
        assert await fold(session, policy_in_force(), most=2) is False


async def test_a_failed_fold_leaves_everything_to_the_next(
    project: Project,
    database: Database,
    connection: Any,
    fold_all: FoldAll,
) -> None:
    await project([state_of(1)])
    with pytest.raises(ConnectionError):
        await _fold_and_fail(database)
    assert await connection.fetchval("SELECT count(*) FROM derived.dirty") == 1
    await fold_all()
    assert await differences_from_recount(connection, [state_of(1)]) == []


async def _fold_and_fail(database: Database) -> None:
    async with database.transaction() as session:
        await fold(session, policy_in_force())
        raise ConnectionError
