"""An attempt writes all in one statement that commits by itself, or nothing."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database
from shared.outbox.append import Outgoing, Overtaken, Write, append, append_at_once, attempt, provide
from shared.outbox.signal import RelaySignal
from tests.shared.items import ITEMS, cause, item

BESIDE = Write("INSERT INTO derived.item VALUES ('beside', $1, $2)", [1, 7])
LAST = Write("INSERT INTO derived.item VALUES ('last', $1, $2)", [1, 8])
TRUE = Write("SELECT $1::int = $2::int", [1, 1])
FALSE = Write("SELECT $1::int = $2::int", [1, 2])
UNKNOWN = Write("SELECT $1::int = $2::int", [1, None])


def _outgoing() -> list[Outgoing]:
    return [Outgoing(item("i1"), cause())]


async def _append_each(session: AsyncSession, appended: Sequence[Sequence[Outgoing]]) -> None:
    for outgoing in appended:
        await append(session, ITEMS, outgoing, beside=[BESIDE])


async def _kept(outside: Any) -> list[str]:
    rows = await outside.fetch(
        "SELECT key FROM source.outbox UNION ALL SELECT item_id FROM derived.item ORDER BY 1"
    )
    return [row["key"] for row in rows]


async def test_all_is_written_at_once_and_the_relay_is_woken_then(database: Database, outside: Any) -> None:
    signal = RelaySignal.of(database.engine)
    signal.event.clear()
    with signal.served():
        async with database.reading() as session:
            attempt(session)
            provide(session, TRUE)
            await append(session, ITEMS, _outgoing(), beside=[BESIDE])
            assert (await _kept(outside), signal.event.is_set()) == ([], False)
            await append_at_once(session, LAST)
            assert (await _kept(outside), signal.event.is_set()) == (["beside", "i1", "last"], True)


@pytest.mark.parametrize(
    ("condition", "last"),
    [
        pytest.param(FALSE, LAST, id="the condition is not true"),
        pytest.param(UNKNOWN, LAST, id="the condition is neither true nor false"),
        pytest.param(TRUE, Write("SELECT 1 / $1::int", [0]), id="the last divides by zero"),
        pytest.param(
            TRUE, Write("INSERT INTO derived.item VALUES ('there', $1, $2)", [1, 8]), id="a key is there"
        ),
    ],
)
async def test_who_is_overtaken_writes_nothing_and_wakes_nobody(
    database: Database, outside: Any, condition: Write, last: Write
) -> None:
    await outside.execute("INSERT INTO derived.item VALUES ('there', 1, 7)")
    signal = RelaySignal.of(database.engine)
    signal.event.clear()
    with signal.served():
        async with database.reading() as session:
            attempt(session)
            provide(session, condition)
            await append(session, ITEMS, _outgoing(), beside=[BESIDE])
            with pytest.raises(Overtaken):
                await append_at_once(session, last)
    assert await _kept(outside) == ["there"]
    assert not signal.event.is_set()


@pytest.mark.parametrize(
    "appended", [pytest.param([_outgoing(), _outgoing()], id="twice"), pytest.param([[]], id="beside no state")]
)
async def test_what_takes_more_than_one_statement_takes_locks(
    database: Database, outside: Any, appended: Sequence[Sequence[Outgoing]]
) -> None:
    async with database.reading() as session:
        attempt(session)
        with pytest.raises(Overtaken):
            await _append_each(session, appended)
    assert await _kept(outside) == []


async def test_who_provided_nothing_writes_nothing(database: Database, outside: Any) -> None:
    async with database.reading() as session:
        attempt(session)
        await append(session, ITEMS, _outgoing(), beside=[BESIDE])
        with pytest.raises(Overtaken):
            await append_at_once(session, LAST)
    assert await _kept(outside) == []


async def test_where_nothing_changes_the_last_goes_alone(database: Database, outside: Any) -> None:
    async with database.reading() as session:
        attempt(session)
        provide(session, TRUE)
        await append_at_once(session, LAST)
    assert await _kept(outside) == ["last"]
