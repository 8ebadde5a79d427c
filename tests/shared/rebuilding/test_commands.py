"""What the command does when it cannot rebuild now, and that its shadow is nobody else's."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from tests.ports import free_ports
from tests.shared.rebuilding.scene import Scene, scene_of


@pytest_asyncio.fixture(loop_scope="session")
async def scene(stack: Stack) -> AsyncIterator[Scene]:
    async with scene_of(stack, "assessment") as scene:
        yield scene


async def test_one_rebuild_at_a_time(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    await scene.outside.execute("SELECT pg_advisory_lock(hashtext('talenta.rebuild'))")
    assert await scene.rebuild() == 2
    assert "another rebuild" in capsys.readouterr().err
    await scene.outside.execute("SELECT pg_advisory_unlock(hashtext('talenta.rebuild'))")
    assert await scene.rebuild() == 0


async def test_without_a_broker_it_ends_and_says_so(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    away = scene.settings.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{free_ports(1)[0]}"})
    scene.desk = replace(scene.desk, settings=away)
    assert await scene.rebuild(json=True) == 2
    printed = capsys.readouterr()
    assert (printed.out, "KafkaConnectionError" in printed.err) == ("", True)


async def test_a_shadow_ahead_of_a_consumer_that_reads_again_is_not_compared(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    group, topic = (
        f"{scene.settings.kafka_namespace}{name}" for name in ("assessment.employees", "profile.employees")
    )
    # A rebuild that did not end left its shadow further than the live tables are now.
    await _interrupted(scene)
    await scene.outside.execute("INSERT INTO shadow.consumer_offset VALUES ($1, $2, 0, 7)", group, topic)
    assert await scene.rebuild() == 2
    assert "wait until it has caught up" in capsys.readouterr().err


async def test_a_shadow_of_another_shape_is_made_anew(scene: Scene) -> None:
    await _interrupted(scene)
    await scene.outside.execute("ALTER TABLE derived.employee ADD COLUMN seen boolean")
    async with scene.rebuilding() as rebuild:
        assert not rebuild.resumed
        assert await scene.outside.fetchval("SELECT count(seen) FROM shadow.employee") == 0


async def test_a_shadow_of_another_release_is_made_anew(scene: Scene) -> None:
    class _Elsewhere(type(scene.settings)):  # type: ignore[misc]  # its code is what stands beside this file
        pass

    await _interrupted(scene)
    await _interrupted(scene, resumed=True)
    scene.desk = replace(scene.desk, settings=_Elsewhere(**scene.settings.model_dump()))
    await _interrupted(scene, resumed=False)
    await _interrupted(scene, resumed=True)


async def _interrupted(scene: Scene, *, resumed: bool = False) -> None:
    """A rebuild fails, and leaves its shadow."""

    async def fail() -> None:
        async with scene.rebuilding() as rebuild:
            assert rebuild.resumed is resumed
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
