"""Migration 0005, and the release before it, which folds without the rows of the blocks while it gives way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.reporting.folding import queries
from shared.events.placement import TalentState
from tests.reporting.conftest import FoldAll, Project
from tests.reporting.people import differences_from_recount, drawn, seeded


@contextmanager
def _the_release_before() -> Iterator[None]:
    """Its folder writes no rows of blocks, and says nothing of them when it takes its turn."""
    [(setting, value)] = queries._ADDS_UP.items()
    without = {
        "TURN": queries.TURN.replace(f", set_config('{setting}', '{value}', true)", ""),
        "_FOLD": queries._FOLD.replace(f" UNION ALL {queries._BY_BLOCK}", ""),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, statement in without.items():
            assert statement != getattr(queries, name)
            patch.setattr(queries, name, statement)
        yield


async def test_what_the_release_before_folds_is_added_up_behind_it(
    project: Project, fold_all: FoldAll, connection: Any
) -> None:
    chance = seeded(3)
    states = [drawn(chance, number, version) for version in range(1, 5) for number in range(100)]
    told: list[TalentState] = []
    while states:
        told, states = told + states[:100], states[100:]
        await project(told[-100:])
        if len(told) % 200:
            with _the_release_before():
                await fold_all()
        else:
            await fold_all()
        assert await differences_from_recount(connection, told) == []


async def test_what_was_there_before_is_added_up(project: Project, fold_all: FoldAll, connection: Any) -> None:
    """By the statement that the migration and the trigger have in common."""
    chance = seeded(4)
    states = [drawn(chance, number, 1) for number in range(100)]
    await project(states)
    await fold_all()
    await connection.execute("DELETE FROM derived.value_histogram WHERE scope LIKE 'blocks/%'")
    assert await differences_from_recount(connection, states) != []
    await connection.execute("UPDATE derived.revision SET number = number")
    assert await differences_from_recount(connection, states) == []
