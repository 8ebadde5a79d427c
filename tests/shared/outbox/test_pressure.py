"""The outbox takes what comes until it is at its bound, and again by itself when it is below."""

from typing import Any

import pytest

from shared.db.session import Database
from shared.kafka.positions import Position
from shared.outbox import pressure
from shared.outbox.pressure import OutboxBound, look
from tests.shared.items import items
from tests.shared.outbox.conftest import commit

GIB = 1024**3


@pytest.fixture(autouse=True)
def _look_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressure, "_LOOK_EVERY", 0.0)


async def write(database: Database, count: int) -> None:
    await commit(database, *items(count))


async def grow_old(outside: Any, seconds: int) -> None:
    await outside.execute("UPDATE source.outbox SET created_at = created_at - make_interval(secs => $1)", seconds)


async def test_empty_outbox_has_no_age_and_no_size(database: Database) -> None:
    waiting = await look(database)
    assert (waiting.age, waiting.rows, waiting.size) == (0, 0, 0)


async def test_what_waits_is_told_with_age_rows_and_bytes(outside: Any, database: Database) -> None:
    await write(database, 500)
    await grow_old(outside, 90)
    await outside.execute("DELETE FROM source.outbox WHERE id <= 100")
    waiting = await look(database)
    assert waiting.position == Position(500, 100)
    assert 90 <= waiting.age < 120
    held = await outside.fetchval("SELECT sum(pg_column_size(outbox.*)) FROM source.outbox")
    assert waiting.size == pytest.approx(held, rel=0.1)


async def test_age_closes_and_publishing_opens_again(outside: Any, database: Database) -> None:
    bound = OutboxBound(database, longest_age=60, most_bytes=GIB)
    await write(database, 3)
    assert await bound.reached() is None
    await grow_old(outside, 61)
    assert "3 rows waits for 61 s, of 60" in (await bound.reached() or "")
    await outside.execute("DELETE FROM source.outbox")
    assert await bound.reached() is None


async def test_bytes_close_and_publishing_opens_again_though_the_table_keeps_its_size(
    outside: Any, database: Database
) -> None:
    bound = OutboxBound(database, longest_age=900, most_bytes=50_000)
    await write(database, 100)
    assert await bound.reached() is None
    await write(database, 1000)
    assert "1100 rows" in (await bound.reached() or "")
    await outside.execute("DELETE FROM source.outbox")
    assert await outside.fetchval("SELECT pg_total_relation_size('source.outbox')") > 50_000
    assert await bound.reached() is None


async def test_many_writers_ask_once(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    monkeypatch.setattr(pressure, "_LOOK_EVERY", 60.0)
    asked = 0

    async def counted(of: Database) -> pressure.Waiting:
        nonlocal asked
        asked += 1
        return await look(of)

    monkeypatch.setattr(pressure, "look", counted)
    bound = OutboxBound(database, longest_age=60, most_bytes=GIB)
    for _ in range(100):
        assert await bound.reached() is None
    assert asked == 1
