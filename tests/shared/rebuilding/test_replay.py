"""A replay of the newest states leaves what a replay of all of them leaves, whatever stands in the topics."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio
from sqlmodel.ext.asyncio.session import AsyncSession

from deploy.local.stack import Stack
from shared.kafka.topics import TALENTS
from shared.rebuilding import newest, reading, replay
from shared.rebuilding.rebuild import rebuilding
from tests.reporting.people import state_of
from tests.shared.rebuilding.scene import Scene, scene_of
from tests.shared.rebuilding.streams import MAKERS, raw, stream

ALL: Final = 10**9
"""So many records that no topic here has more."""


class _Killed(BaseException):
    """Nobody catches it."""


class Stage:
    """One service, its topics, and how they are replayed."""

    def __init__(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scene = scene
        self._monkeypatch = monkeypatch

    async def left_by(self, few: int) -> dict[str, Any]:
        """What a replay leaves: rows of all compared tables, and dead letters."""
        self._monkeypatch.setattr(replay, "FEW", few)
        async with self.scene.rebuilding() as rebuild:
            await rebuild.replay()
            return {
                **{
                    compared.name: await self._fetch(
                        f"SELECT {', '.join((compared.key, *compared.version, *compared.content))} "
                        f"FROM {compared.shadow} AS rows ORDER BY {compared.key}"
                    )
                    for compared in self.scene.model.compared
                },
                "offsets": await self._fetch("SELECT * FROM shadow.consumer_offset ORDER BY topic, partition"),
                # What a handler refuses depends on what else is in its batch.
                "undecodable": await self._fetch(
                    "SELECT topic, partition, \"offset\" FROM shadow.dead_letter WHERE reason !~ '^ValueError'"
                ),
            }

    async def _fetch(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.scene.outside.fetch(statement)]

    async def kill_after(self, portions: int) -> None:
        """A replay ends in its next portion, and leaves its shadow."""
        self._monkeypatch.setattr(replay, "FEW", 0)
        settled = 0

        async def settle(session: AsyncSession, people: Any) -> None:
            nonlocal settled
            settled += 1
            if settled > portions:
                raise _Killed
            await self.scene.model.settle(session, people)

        with suppress(_Killed):
            async with rebuilding(self.scene.desk, replace(self.scene.model, settle=settle)) as rebuild:
                await rebuild.replay()
                pytest.fail("it was not killed")


@pytest.fixture(autouse=True, params=[7, newest.MOST_KEPT], ids=["small portions", "whole partitions"])
def portions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions as small as the streams, too, and of several fetches and calls of the handler each."""
    monkeypatch.setattr(newest, "MOST_KEPT", request.param)
    monkeypatch.setattr(reading, "_AT_ONCE", 9)
    monkeypatch.setattr(replay, "_AT_ONCE", 5)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(
    stack: Stack, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    async with scene_of(stack, request.param) as scene:
        yield Stage(scene, monkeypatch)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("stage", MAKERS, indirect=True)
async def test_newest_states_alone_leave_the_same(stage: Stage, seed: int) -> None:
    await stage.scene.publish_raw(stream(Random(seed), stage.scene.service.name))  # noqa: S311 - reproducible
    await stage.scene.pretend_taken_in()
    plain, quick = await stage.left_by(few=ALL), await stage.left_by(few=0)
    _same(plain, quick)
    # What is superseded is not looked into; what has no version is, and the newest.
    assert 0 < len(quick["undecodable"]) < len(plain["undecodable"])

    await stage.kill_after(portions=4)
    _same(plain, await stage.left_by(few=0))


def _same(plain: dict[str, Any], quick: dict[str, Any]) -> None:
    assert len(next(iter(plain.values()))) > 30
    for name in plain.keys() - {"undecodable"}:
        assert quick[name] == plain[name], name
    assert set(quick["undecodable"]) <= set(plain["undecodable"])


@pytest.mark.parametrize("stage", ["reporting"], indirect=True)
async def test_a_newer_state_that_nobody_can_take_in_hides_no_older_one(stage: Stage) -> None:
    """Undecodable, newer by its header alone, and refused by the handler: the older one stands live as well."""
    topic, key, lying, headers = raw(TALENTS, state_of(1, 3))
    await stage.scene.publish_raw(
        [
            *(raw(TALENTS, state_of(number, 1)) for number in range(4)),
            raw(TALENTS, state_of(1, 2, unit_id="second")),
            (topic, key, b"{}", headers),
            (topic, key, lying, [*headers, ("ce_sequence", b"9")]),
            raw(TALENTS, state_of(2, 2, unit_id="second")),
            raw(TALENTS, state_of(2, 3, talent_value="1.234")),
            raw(TALENTS, state_of(3, 3)),
            raw(TALENTS, state_of(3, 2)),
        ],
    )
    await stage.scene.pretend_taken_in()
    left = await stage.left_by(few=0)
    assert {row[0]: row[1] for row in left["standing"]} == {UUID(int=n): v for n, v in enumerate((1, 2, 2, 3))}
    assert len(left["undecodable"]) == 2
