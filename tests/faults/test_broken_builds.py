"""The suite fails where it must: builds that are wrong on purpose lose writes, and it says so.

One worker of the system is served from such a build. Afterwards the right build reads all topics again from their
beginning, and everything is as it must be: its guards heal what was lost on the way.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.faults import writes
from tests.faults.broken import GUARD_REMOVED, OFFSETS_FIRST, Change, changed_build
from tests.faults.client import Client
from tests.faults.faults import Fault, Scene
from tests.faults.faults.records import repeat_old
from tests.faults.findings import Kind, counted
from tests.faults.system import Seat
from tests.faults.trial import Trials
from tests.shared.conditions import until

_BETWEEN: Final = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'COMMIT; SELECT pg_sleep%' AND state = 'active'
"""
_TOLD_AT_ONCE: Final = 100
ASSESSMENT, REPORTING = Seat("assessment", "worker"), Seat("reporting", "worker")


async def _kill(scene: Scene) -> None:
    """When offsets are there, and what was read is not."""
    people = [told.person for told in scene.log.told.values()][:_TOLD_AT_ONCE]
    rated = [(person, writes.any_rating(scene.chance)) for person in people]
    await Client(scene.system, scene.log, scene.chance).send(writes.scores(scene.log.next_number(), rated))
    async with scene.system.connected("reporting") as connection:

        async def between() -> bool:
            return bool(await connection.fetchval(_BETWEEN))

        await until(between, within=30)
    await scene.system.kill_to_restart(REPORTING)
    await scene.system.ready(REPORTING)


@pytest.mark.parametrize(
    ("seat", "changes", "inflict", "where"),
    [
        pytest.param(
            REPORTING, OFFSETS_FIRST, _kill, "standing of", id="offsets committed before the transaction"
        ),
        pytest.param(ASSESSMENT, GUARD_REMOVED, repeat_old, "copy of", id="guard removed"),
    ],
)
async def test_broken_build_is_seen(
    trials: Trials,
    tmp_path: Path,
    seat: Seat,
    changes: Sequence[Change],
    inflict: Callable[[Scene], Awaitable[None]],
    where: str,
) -> None:
    system = trials.system
    await system.end(seat)
    system.start(seat, code=changed_build(changes, tmp_path / "build"))
    await system.ready(seat)
    # Nothing has happened to it yet. Who is told of again later hides what was lost of him: it comes at rest.
    outcome = await trials.run("a broken build under load", [], "broken")
    assert list(map(str, outcome.findings)) == []
    findings = await trials.break_at_rest(Fault("broken", inflict, frozenset()), "broken")

    assert counted(findings, Kind.LOST) + counted(findings, Kind.DOUBLED) > 0
    assert any(finding.where.startswith(f"{seat.service}, {where}") for finding in findings)

    await system.end(seat)
    async with system.connected(seat.service) as connection:
        await connection.execute("UPDATE derived.consumer_offset SET next_offset = 0")
    system.start(seat)
    await trials.check_topics_now()
    assert await trials.look() == []


def test_change_that_finds_no_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0 times"):
        changed_build([Change("shared/kafka/batch.py", "no such text", "")], tmp_path / "build")
