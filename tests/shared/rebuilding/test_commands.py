"""What the command does when it cannot rebuild now, and that its shadow is nobody else's."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

import pytest
import pytest_asyncio
from aiokafka.errors import KafkaError

from deploy.local.stack import Stack
from shared.kafka.topics import EMPLOYEES, create_topics
from tests.assessment.people import employee
from tests.ports import free_ports
from tests.shared.conditions import until
from tests.shared.conftest import kafka_admin
from tests.shared.rebuilding.scene import PATIENCE, Scene, scene_of
from tests.shared.rebuilding.streams import CAUSE, raw

PEOPLE: Final = range(30)


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
    await _told(scene, *PEOPLE)
    # A rebuild that did not end left its shadow further than the live tables are now.
    await _interrupted(scene)
    await scene.outside.execute("DELETE FROM derived.consumer_offset")
    for _ in range(2):
        assert await scene.rebuild() == 2
        assert "wait until it has caught up" in capsys.readouterr().err
    await scene.pretend_taken_in()
    await _interrupted(scene, resumed=True)


async def test_records_that_nobody_can_take_in_are_named_unless_a_newer_state_has_come(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    topic, key, _, headers = raw(EMPLOYEES, employee(1))
    _, superseded, _, _ = raw(EMPLOYEES, employee(2))
    nip = b"197001011990011001"
    spoilt = [(topic, one, b"{}", headers) for one in (key, superseded, nip)]
    await scene.publish_raw([*spoilt, (topic, key, b"{}", [])])
    await _told(scene, 2)
    assert await scene.rebuild(most=2) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "3 records could not be taken in, and no newer state of their key has come:"
    assert told[3:] == ["  and 1 more"]
    assert await scene.rebuild() == 1
    told = capsys.readouterr().err.splitlines()[1:]
    assert sorted(line.split()[1] for line in told) == ["(18", employee(1).key, employee(1).key]
    assert all(f"{EMPLOYEES.name}[" in line and "]@" in line for line in told)
    assert {line.endswith("ce_type is not that of the topic") for line in told} == {True, False}


@pytest.mark.parametrize("people", [PEOPLE[:2], (*PEOPLE, *PEOPLE)], ids=["shorter", "longer"])
async def test_a_shadow_of_a_topic_that_was_made_anew_is_made_anew(
    scene: Scene, stack: Stack, people: Sequence[int]
) -> None:
    await _told(scene, *PEOPLE)
    await _interrupted(scene)
    async with kafka_admin(stack) as client:
        await client.delete_topics([scene.settings.kafka_namespace + EMPLOYEES.name])
    await _made_anew(scene)
    await scene.outside.execute("DELETE FROM derived.consumer_offset")
    await _told(scene, *people)
    async with scene.rebuilding() as rebuild:
        assert not rebuild.resumed
        await rebuild.replay()
        assert await scene.outside.fetchval("SELECT count(*) FROM shadow.employee") == len(set(people))


async def test_after_a_swap_whose_process_was_killed_the_next_run_begins_anew(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    with suppress(LookupError):
        async with scene.rebuilding() as rebuild:
            await rebuild.swap()
            raise LookupError
    assert await scene.outside.fetchval("SELECT to_regnamespace('shadow') IS NOT NULL")
    assert await scene.rebuild() == 0
    assert "going on" not in capsys.readouterr().err


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


async def _told(scene: Scene, *people: int) -> None:
    """States of these, which the live tables are taken to hold."""
    await scene.publish(EMPLOYEES, [employee(number) for number in people], CAUSE)
    await scene.pretend_taken_in()


async def _made_anew(scene: Scene) -> None:
    """The broker takes its time to delete a topic."""

    async def made() -> bool:
        with suppress(KafkaError):
            await create_topics(scene.settings.kafka_bootstrap_servers, scene.settings.kafka_namespace)
            return await scene.records(EMPLOYEES) == []
        return False

    await until(made, PATIENCE)


async def _interrupted(scene: Scene, *, resumed: bool = False) -> None:
    """A rebuild fails behind its replay, and leaves its shadow."""

    async def fail() -> None:
        async with scene.rebuilding() as rebuild:
            assert rebuild.resumed is resumed
            await rebuild.replay()
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
