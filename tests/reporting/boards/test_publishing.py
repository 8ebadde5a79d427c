"""`reporting.standings`: each region that moved, at most once a second, with what led to it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.queries import is_any_due
from services.reporting.boards.rules import policy_in_force
from services.reporting.boards.service import apply_policy, publish_standings
from services.reporting.folding.queries import take_turn
from shared.db.session import Database
from shared.events.reporting import StandingState
from tests.reporting.conftest import FoldAll, Project
from tests.reporting.people import CAUSE, state_of
from tests.shared.conditions import until

LATER = replace(CAUSE, origin_time=CAUSE.origin_time + timedelta(seconds=1), causes=("performance-score/b",))

_SOMEBODY_WAITS = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
"""


async def _publish(database: Database) -> None:
    async with database.transaction() as session:
        await publish_standings(session)


async def _published(connection: Any) -> list[Any]:
    rows: list[Any] = await connection.fetch("SELECT * FROM source.outbox ORDER BY id")
    return rows


async def _a_second_passes(connection: Any) -> None:
    await connection.execute("UPDATE derived.board_row SET published_at = published_at - interval '1 second'")


async def _is_any_due(database: Database) -> bool:
    async with database.reading() as session:
        return await is_any_due(session)


async def test_a_look_tells_whether_anything_is_due(
    project: Project,
    fold_all: FoldAll,
    database: Database,
    connection: Any,
) -> None:
    assert not await _is_any_due(database)
    await project([state_of(1)])
    await fold_all()
    assert await _is_any_due(database)
    await _publish(database)
    assert not await _is_any_due(database)
    # It moves again, and was published less than a second ago as long as this test may take.
    await connection.execute("UPDATE derived.board_row SET published_at = published_at + interval '1 hour'")
    await project([state_of(1, 2, y=10)])
    await fold_all()
    assert not await _is_any_due(database)
    await connection.execute("UPDATE derived.board_row SET published_at = published_at - interval '2 hours'")
    assert await _is_any_due(database)


async def test_what_moved_is_published_once(
    project: Project,
    fold_all: FoldAll,
    database: Database,
    connection: Any,
) -> None:
    await project([state_of(1), state_of(2, region="33.01", y=10)])
    await fold_all()
    await _publish(database)
    await _a_second_passes(connection)
    await _publish(database)
    rows = await _published(connection)
    assert [(row["topic"], row["key"], row["version"]) for row in rows] == [
        ("reporting.standings", "33.01", 1),
        ("reporting.standings", "33.74", 1),
    ]
    assert (rows[1]["origin_time"], rows[1]["causes"]) == (CAUSE.origin_time, list(CAUSE.causes))
    state = StandingState.model_validate_json(rows[1]["payload"])
    assert (state.rank, state.band, state.policy_id) == (1, "TINGGI", "merit-default-1")
    assert json.loads(rows[1]["payload"])["index"] == "0.895000"
    assert [component.weight for component in state.components][3:] == [0, 0]
    assert state.board_revision == await connection.fetchval("SELECT number FROM derived.revision")


async def test_several_moves_within_a_second_are_one_event(
    project: Project,
    fold_all: FoldAll,
    database: Database,
    connection: Any,
) -> None:
    await project([state_of(1)])
    await fold_all()
    await _publish(database)
    for version, cause in ((2, CAUSE), (3, LATER)):
        await project([state_of(1, version, y=version)], cause)
        await fold_all()
        await _publish(database)
    assert [row["version"] for row in await _published(connection)] == [1]
    await _a_second_passes(connection)
    await _publish(database)
    first, second = await _published(connection)
    assert (first["version"], second["version"]) == (1, 3)
    # All that led to it since the last publication, and nothing from before.
    assert (second["origin_time"], second["causes"]) == (
        CAUSE.origin_time,
        ["performance-score/a", "performance-score/b"],
    )
    await project([state_of(1, 4, y=50)], LATER)
    await fold_all()
    await _a_second_passes(connection)
    await _publish(database)
    assert (await _published(connection))[2]["causes"] == ["performance-score/b"]


@pytest.mark.parametrize("job", [publish_standings, partial(apply_policy, policy=policy_in_force())])
async def test_the_board_is_touched_by_one_at_a_time(
    database: Database,
    connection: Any,
    job: Callable[[AsyncSession], Awaitable[bool]],
) -> None:
    async def run() -> None:
        async with database.transaction() as session:
            await job(session)

    async with database.transaction() as folding:
        await take_turn(folding)
        waiting = asyncio.create_task(run())
        await until(lambda: connection.fetchval(_SOMEBODY_WAITS))
    await waiting


async def test_nothing_moved_nothing_published(database: Database, connection: Any) -> None:
    await _publish(database)
    assert await _published(connection) == []
