"""`republish`: the newest states again, in the order of commits, without standing in anybody's way."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services.profile.employees.events import PUBLISHED as EMPLOYEES
from shared.states import queries, republishing
from shared.states.commands import REPUBLISH
from tests.shared.conditions import until
from tests.shared.states.conftest import Call, Outbox, store_items

_WAITS_FOR_A_ROW = """
    SELECT EXISTS (
        SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE NOT granted AND datname = current_database()
    )
"""


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(republishing, "PAGE", 3)


async def test_all_states_are_published_again_at_their_versions(call: Call, outside: Any, outbox: Outbox) -> None:
    keys = await store_items(outside, 7, version=4)
    await outside.execute("INSERT INTO derived.item VALUES ('never', 0, 0)")
    printed = await call(REPUBLISH, "--json", "--outbox-age", "60")
    assert printed.json == {"topic": "test.items", "published": 7, "last_key": "i0006", "broken_off": False}
    assert await outbox() == [(key, 4) for key in keys]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--after", "i0001"), ["i0002", "i0003", "i0004", "i0005", "i0006"]),
        (("--most", "4"), ["i0000", "i0001", "i0002", "i0003"]),
        (("--after", "i0001", "--most", "2"), ["i0002", "i0003"]),
        (("--keys", "i0005", "i0001", "i0005", "unknown"), ["i0001", "i0005"]),
    ],
)
async def test_a_part_can_be_published_again(
    call: Call, outside: Any, outbox: Outbox, words: tuple[str, ...], found: list[str]
) -> None:
    await store_items(outside, 7)
    printed = await call(REPUBLISH, *words, "--outbox-age", "60")
    assert printed.status == 0
    assert printed.text.startswith(f"{len(found)} of test.items")
    assert [key for key, _ in await outbox()] == found


async def test_a_row_that_is_being_written_is_published_as_its_writer_leaves_it(
    call: Call, outside: Any, outbox: Outbox
) -> None:
    await store_items(outside, 4)
    async with outside.acquire() as writer:
        writing = writer.transaction()
        await writing.start()
        await writer.execute("UPDATE derived.item SET version = 2 WHERE item_id = 'i0001'")
        running = asyncio.create_task(call(REPUBLISH, "--outbox-age", "60"))
        await until(lambda: outside.fetchval(_WAITS_FOR_A_ROW))
        # It holds no other row meanwhile, so that it can stand in nobody's ring.
        await writer.execute("UPDATE derived.item SET value = 1 WHERE item_id = 'i0000'")
        assert [key for key, _ in await outbox()] == ["i0000", "i0002"]
        await writing.commit()
    await running
    assert await outbox() == [("i0000", 1), ("i0002", 1), ("i0001", 2), ("i0003", 1)]


async def test_it_waits_while_a_row_is_in_the_outbox_for_too_long(
    call: Call, outside: Any, outbox: Outbox
) -> None:
    await store_items(outside, 3)
    await outside.execute(
        "INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes, created_at) "
        "VALUES ('test.items', 'first', 1, 1, '{}', now(), '{}', now() - interval '1 minute')",
    )
    running = asyncio.create_task(call(REPUBLISH, "--outbox-age", "30"))
    await asyncio.sleep(0.3)
    assert await outbox() == [("first", 1)]
    await outside.execute("DELETE FROM source.outbox")
    assert (await running).status == 0
    assert len(await outbox()) == 3


async def test_behind_the_first_page_it_waits_until_the_queues_are_short(
    call: Call, outside: Any, outbox: Outbox
) -> None:
    await store_items(outside, 7)
    await outside.execute(
        "INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes) "
        "SELECT 'test.items', 'first', 1, 1, '{}', now(), '{}' FROM generate_series(1, 2000)",
    )
    running = asyncio.create_task(call(REPUBLISH, "--outbox-age", "60"))

    async def stands_still() -> bool:
        # The first page goes before anybody has looked; on a busy machine so may the second.
        published = len(await outbox()) - 2000
        await asyncio.sleep(0.5)
        return 0 < published < 7 and published == len(await outbox()) - 2000

    await until(stands_still)
    await outside.execute("DELETE FROM source.outbox")
    assert (await running).text.startswith("7 of test.items")
    assert [task for task in asyncio.all_tasks() if task.get_name() == "bulk-pace"] == []


async def test_it_says_where_to_go_on_when_the_database_is_in_trouble(
    call: Call, outside: Any, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store_items(outside, 6)
    pages = queries.page

    async def page(*arguments: Any, **more: Any) -> Any:
        if more["after"] == "i0002":
            raise ConnectionResetError
        return await pages(*arguments, **more)

    monkeypatch.setattr(queries, "page", page)
    printed = await call(REPUBLISH, "--outbox-age", "60")
    assert printed.status == 1
    assert printed.text.endswith("go on with --after i0002\n")
    monkeypatch.undo()
    await call(REPUBLISH, "--outbox-age", "60", "--after", "i0002")
    assert [key for key, _ in await outbox()] == [f"i000{number}" for number in range(6)]


@pytest.mark.parametrize(
    "words",
    [
        ("--keys", "a", "--most", "1"),
        ("--keys", "a", "--after", "b"),
        ("--outbox-age", "-1"),
        ("--outbox-age", "x"),
    ],
)
async def test_arguments_that_contradict_each_other_are_refused(call: Call, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        await call(REPUBLISH, *words)


@pytest.mark.parametrize("key", ["no-uuid", uuid4().hex])
async def test_a_key_that_can_be_none_is_refused(call: Call, key: str) -> None:
    with pytest.raises(SystemExit):
        await call(REPUBLISH, "--keys", key, published=EMPLOYEES)
