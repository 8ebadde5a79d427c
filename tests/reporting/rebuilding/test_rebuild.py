"""Rebuilding the standings and all that is folded from them, while the service takes in more and is read."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any, Final

import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from deploy.local.stack import Stack
from shared.events.placement import TalentState
from shared.kafka.topics import TALENTS
from shared.testing.tokens import Issuer
from tests.reporting.people import CAUSE, differences_from_recount, drawn, person, state_of
from tests.service import bearing, connected, listening
from tests.shared.conditions import until
from tests.shared.rebuilding.scene import PATIENCE, Scene, Telling, meanwhile, reading, scene_of

PEOPLE: Final = 300
BOARD: Final = "/v1/boards/merit"


class Told(Telling):
    """All that was published."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene, seed=7)
        self.states: list[TalentState] = []
        self._versions: dict[int, int] = {}

    async def tell(self, *numbers: int) -> None:
        """The next state of each of these people."""
        states = []
        for number in numbers:
            self._versions[number] = self._versions.get(number, 0) + 1
            states.append(drawn(self.chance, number, self._versions[number]))
        self.states += states
        await self.scene.publish(TALENTS, states, CAUSE)
        self.count += len(states)

    async def tell_somebody(self) -> None:
        await self.tell(self.chance.randrange(PEOPLE), self.chance.randrange(PEOPLE))


@pytest_asyncio.fixture(loop_scope="session")
async def scene(stack: Stack) -> AsyncIterator[Scene]:
    async with scene_of(stack, "reporting") as scene:
        yield scene


@pytest_asyncio.fixture(loop_scope="session")
async def told(scene: Scene) -> AsyncIterator[Told]:
    """Everybody has a state, a third a second one; the worker goes on working."""
    async with Told(scene).working(*range(PEOPLE), *range(0, PEOPLE, 3)) as told:
        yield told


DAMAGE: Final = {
    "changed value": "UPDATE derived.folded SET value = 1 WHERE employee_id = $1",
    "deleted standing": "DELETE FROM derived.standing WHERE employee_id = $1",
    "deleted copy": "DELETE FROM derived.folded WHERE employee_id = $1",
    "ahead": "UPDATE derived.standing SET version = version + 1000 WHERE employee_id = $1",
    "stale": "UPDATE derived.standing SET version = 0, value = 5 WHERE employee_id = $1",
    "moved": "UPDATE derived.standing SET region = '33.01', unit_id = 'nowhere' WHERE employee_id = $1",
}
"""What befalls one person each."""
DAMAGE_OF_SUMS: Final = (
    "UPDATE derived.region_tally SET value_sum = value_sum + 7, active = active - 1 WHERE region = '33.74'",
    "DELETE FROM derived.region_tally WHERE region = '33.01'",
    "INSERT INTO derived.region_tally VALUES ('99.99', 1, 1, 1, 1, 1, 1, 1, 1, 1)",
    "UPDATE derived.value_histogram SET total = total + 1 WHERE scope = 'nation' AND block = 100",
    "UPDATE derived.value_histogram SET counts[1] = counts[1] + 1 WHERE scope = 'province/33' AND block = 0",
    "DELETE FROM derived.value_histogram WHERE scope = 'nation/ADMINISTRATOR' AND block = 0",
    "UPDATE derived.value_histogram SET counts[7] = counts[7] + 1 WHERE scope = 'blocks/nation'",
    "DELETE FROM derived.value_histogram WHERE scope = 'blocks/province/33'",
    "UPDATE derived.board_row SET rank = 77, index = 0.5 WHERE region = '33.74'",
    "DELETE FROM derived.board_row WHERE region = '34.71'",
)
FOREIGN: Final = """
    INSERT INTO derived.{table} SELECT (json_populate_record(rows, json_build_object('employee_id', $1::uuid))).*
    FROM derived.{table} AS rows LIMIT 1
"""


async def damage(outside: Any) -> None:
    for number, statement in enumerate(DAMAGE.values(), start=1):
        await outside.execute(statement, person(number))
    for statement in DAMAGE_OF_SUMS:
        await outside.execute(statement)
    for table in ("standing", "folded"):
        await outside.execute(FOREIGN.format(table=table), person(10**6))


def turns_of_bulk() -> float:
    return REGISTRY.get_sample_value("talenta_bulk_wait_seconds_count") or 0


async def test_nothing_differs_where_nothing_is_wrong(
    scene: Scene, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    # Nobody can take this one in: more decimals than were agreed.
    await scene.publish(TALENTS, [state_of(PEOPLE, talent_value="1.234")], CAUSE)
    async with meanwhile(told.tell_somebody, 0.02):
        assert await scene.rebuild(json=True) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["differences"] == {"rows": 0, "causes": [], "first": []}
    assert "1 records could not be taken in" in printed.err
    assert await scene.outside.fetchval("SELECT count(*) FROM source.dead_letter") == 1
    assert await scene.outside.fetchval("SELECT to_regnamespace('shadow') IS NULL")


async def test_a_look_names_what_differs_and_changes_nothing(
    scene: Scene, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    await damage(scene.outside)
    before = await scene.outside.fetch("SELECT * FROM derived.folded ORDER BY employee_id")
    turns = turns_of_bulk()
    assert await scene.rebuild(json=True) == 1
    assert turns_of_bulk() == turns
    found = json.loads(capsys.readouterr().out)["differences"]
    causes = {(row["table"], row["cause"]): row["rows"] for row in found["causes"]}
    assert causes["standing", "missing"] == 1
    assert causes["standing", "ahead of the topic"] == 1
    assert causes["standing", "stale"] == 1
    assert causes["standing", "not from the topic"] == 1
    assert causes["folded", "missing"] == 1
    assert causes["folded", "not from the topic"] == 1
    assert causes["folded", "other content at the same version"] == 1
    assert causes["region_tally", "other sums"] == 1
    assert causes["region_tally", "missing"] == causes["region_tally", "not from the topic"] == 1
    assert {"value_histogram", "board_row"} <= {table for table, _ in causes}
    [changed] = [one for one in found["first"] if one["key"] == str(person(1))]
    assert (changed["table"], changed["columns"]) == ("folded", "value")
    assert await scene.outside.fetch("SELECT * FROM derived.folded ORDER BY employee_id") == before


async def test_repairs_all_of_it_while_more_comes_in_and_nobody_is_refused(
    scene: Scene, told: Told, issuer: Issuer
) -> None:
    was_told = await scene.outside.fetchval("SELECT version FROM derived.board_row WHERE region = '34.71'")
    revision = await scene.outside.fetchval("SELECT number FROM derived.revision")
    async with AsyncExitStack() as open_:
        address = await open_.enter_async_context(listening("reporting", scene.settings.database_url, issuer))
        client = await open_.enter_async_context(bearing(address, None))
        await open_.enter_async_context(meanwhile(reading(client, BOARD), 0.01))
        await open_.enter_async_context(meanwhile(told.tell_somebody, 0.01))
        await damage(scene.outside)
        turns = turns_of_bulk()
        assert await scene.rebuild(apply=True) == 0
        assert turns_of_bulk() > turns
    await told.taken_in()
    assert await differences_from_recount(scene.outside, told.states) == []
    assert await scene.outside.fetchval("SELECT number FROM derived.revision") > revision
    # Others know that version: the region goes on above it.
    assert await scene.outside.fetchval("SELECT version FROM derived.board_row WHERE region = '34.71'") > was_told
    assert await scene.rebuild() == 0


async def test_a_row_that_claims_to_be_published_beyond_its_version_is_published_again(
    scene: Scene, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    of_region = "derived.board_row WHERE region = '33.74'"
    claimed = await scene.outside.fetchval(
        "UPDATE derived.board_row SET published_version = version + 5 WHERE region = '33.74'"
        " RETURNING published_version"
    )
    assert await scene.rebuild(json=True) == 1
    assert json.loads(capsys.readouterr().out)["differences"]["causes"] == [
        {"table": "published", "cause": "behind what was published", "rows": 1}
    ]
    assert await scene.rebuild(apply=True) == 0
    assert await scene.outside.fetchval(f"SELECT version FROM {of_region}") > claimed

    async def published() -> bool:
        found: bool = await scene.outside.fetchval(f"SELECT published_version = version FROM {of_region}")
        return found

    await until(published, PATIENCE)
    await told.tell_somebody()
    await told.taken_in()
    assert await differences_from_recount(scene.outside, told.states) == []


async def test_a_killed_rebuild_goes_on_where_it_was(scene: Scene, told: Told) -> None:
    await damage(scene.outside)
    # Held back at its first standstill, with the replay behind it. Who looks for new tables must not be in a
    # transaction: there PostgreSQL need not notice, before it locks something, that a name has come to be known.
    async with connected(scene.settings.database_url) as holding, holding.transaction():
        await holding.execute("LOCK TABLE derived.consumer_offset IN ROW EXCLUSIVE MODE")
        process = await scene.start_rebuild("--apply")

        async def replayed() -> bool:
            assert process.returncode is None, (await process.communicate())[1].decode()
            if not await scene.outside.fetchval("SELECT to_regclass('shadow.standing') IS NOT NULL"):
                return False
            return bool(await scene.outside.fetchval("SELECT count(*) = $1 FROM shadow.standing", PEOPLE))

        await until(replayed, PATIENCE)
        process.kill()
        await process.communicate()
    async with meanwhile(told.tell_somebody, 0.02):
        again = await scene.start_rebuild("--apply")
        _, log = await again.communicate()
    assert again.returncode == 0, log.decode()
    assert b"going on with a rebuild that did not end" in log
    await told.taken_in()
    assert await differences_from_recount(scene.outside, told.states) == []


async def test_a_shadow_that_a_crash_of_the_server_emptied_is_made_anew(scene: Scene, told: Told) -> None:
    with suppress(LookupError):
        async with scene.rebuilding() as rebuild:
            await rebuild.replay()
            raise LookupError
    # What PostgreSQL does to tables without a log when it recovers.
    unlogged = await scene.outside.fetch(
        "SELECT oid::regclass FROM pg_class"
        " WHERE relnamespace = 'shadow'::regnamespace AND relkind = 'r' AND relpersistence = 'u'"
    )
    await scene.outside.execute(f"TRUNCATE {', '.join(row[0] for row in unlogged)}")
    async with scene.rebuilding() as rebuild:
        assert not rebuild.resumed
        await rebuild.replay()
        assert await scene.outside.fetchval("SELECT count(*) FROM shadow.standing") == PEOPLE
    assert await scene.rebuild() == 0


async def test_a_swap_brings_a_new_shape_while_more_comes_in(scene: Scene, told: Told, issuer: Issuer) -> None:
    before = await _shape(scene.outside)
    model = replace(
        scene.model,
        statements=[
            *scene.model.statements,
            "ALTER TABLE shadow.standing ADD COLUMN seen_on date NOT NULL DEFAULT '2026-11-24'",
            "CREATE TABLE shadow.region_note (region text CONSTRAINT pk_region_note PRIMARY KEY)",
        ],
        added=["derived.region_note"],
    )
    await damage(scene.outside)
    versions = {
        row[0]: row[1] for row in await scene.outside.fetch("SELECT region, version FROM derived.board_row")
    }
    async with AsyncExitStack() as open_:
        address = await open_.enter_async_context(listening("reporting", scene.settings.database_url, issuer))
        client = await open_.enter_async_context(bearing(address, None))
        await open_.enter_async_context(meanwhile(reading(client, BOARD), 0.005))
        await open_.enter_async_context(meanwhile(told.tell_somebody, 0.01))
        assert await scene.rebuild(model, swap=True) == 0
    assert (
        await scene.outside.fetchval("SELECT count(*) FROM derived.standing WHERE seen_on = '2026-11-24'")
        == PEOPLE
    )
    assert await scene.outside.fetchval("SELECT count(*) FROM derived.region_note") == 0
    assert await _shape(scene.outside) - before == {
        "pk_region_note",
        "derived.region_note",
        "region_note_region_not_null",
        "standing_seen_on_not_null",
    }
    assert before <= await _shape(scene.outside)
    await told.tell(*range(20))
    await told.taken_in()
    assert await differences_from_recount(scene.outside, told.states) == []
    for region, version in versions.items():
        row = await scene.outside.fetchrow("SELECT version FROM derived.board_row WHERE region = $1", region)
        assert row["version"] >= version
    assert await scene.rebuild() == 0


async def _shape(outside: Any) -> set[str]:
    """Names of tables with their options, indexes, constraints, sequences and triggers of the schema."""
    rows = await outside.fetch(
        """
        SELECT indexname FROM pg_indexes WHERE schemaname = 'derived'
        UNION SELECT conname FROM pg_constraint WHERE connamespace = 'derived'::regnamespace
        UNION SELECT sequencename FROM pg_sequences WHERE schemaname = 'derived'
        UNION SELECT pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'derived.%'
        UNION SELECT concat_ws(' ', oid::regclass, reloptions::text, nullif(relpersistence, 'p'))
        FROM pg_class WHERE relnamespace = 'derived'::regnamespace AND relkind = 'r'
        """,
    )
    return {row[0] for row in rows}
