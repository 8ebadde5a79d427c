"""Which rows are not equal, live and shadow: asked in ranges of keys, or of given keys."""

from collections.abc import AsyncIterator, Sequence
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database, driver_of
from shared.rebuilding.model import Compared, Difference

RANGE: Final = 20_000
"""Keys of one statement."""
_MOST: Final = 2_000
"""Differences of one statement; the next one goes on behind the last."""
_LAST: Final = UUID(int=2**128 - 1)


def _row(side: str, columns: Sequence[str]) -> str:
    return f"({', '.join(f'{side}.{name}' for name in columns)})"


def _statement(compared: Compared, within: str) -> str:
    columns = (*compared.version, *compared.content)
    both = f"l.{compared.key} IS NOT NULL AND s.{compared.key} IS NOT NULL"
    changed = ", ".join(
        f"CASE WHEN {both} AND l.{name} IS DISTINCT FROM s.{name} THEN '{name}' END" for name in columns
    )
    by_version = ""
    if compared.version:
        live, shadow = _row("l", compared.version), _row("s", compared.version)
        by_version = f"WHEN {live} < {shadow} THEN 'stale' WHEN {live} > {shadow} THEN 'ahead of the topic'"
    return f"""
        SELECT key::text, CASE
            WHEN l.{compared.key} IS NULL THEN 'missing' WHEN s.{compared.key} IS NULL THEN 'not from the topic'
            {by_version} ELSE '{compared.differs}'
        END AS cause, array_remove(ARRAY[{changed}], NULL) AS columns
        FROM (SELECT * FROM {compared.live} AS rows WHERE {within.format(key=compared.key)}) AS l
        FULL JOIN (SELECT * FROM {compared.shadow} AS rows WHERE {within.format(key=compared.key)}) AS s
            ON l.{compared.key} = s.{compared.key}
        CROSS JOIN LATERAL (SELECT coalesce(l.{compared.key}, s.{compared.key}) AS key)
        WHERE l.{compared.key} IS NULL OR s.{compared.key} IS NULL
            OR ROW{_row("l", columns)} IS DISTINCT FROM ROW{_row("s", columns)}
        ORDER BY key LIMIT {_MOST}
    """


_ALL: Final = "true"
_RANGE: Final = "($1::uuid IS NULL OR {key} > $1) AND {key} <= $2"
_KEYS: Final = "{key} = ANY ($1::uuid[])"


async def suspects(live: Database, compared: Compared) -> AsyncIterator[Sequence[Difference]]:
    """Differences as they seem while both move, range by range, each in a short transaction of its own."""
    if compared.whole:
        return
    after: UUID | None = None
    while after != _LAST:
        async with live.reading() as session:
            upto = await _bound(session, compared, after)
            driver = await driver_of(session)
            found = await driver.fetch(_statement(compared, _RANGE), after, upto)
        yield [Difference(compared, row["key"], row["cause"], tuple(row["columns"])) for row in found]
        after = UUID(found[-1]["key"]) if len(found) == _MOST else upto


async def _bound(session: AsyncSession, compared: Compared, after: UUID | None) -> UUID:
    """The key that ends the range; keys that only the live table has lie in ranges as all others do."""
    bound: UUID | None = await (await driver_of(session)).fetchval(
        f"SELECT {compared.key} FROM {compared.shadow} AS rows "
        f"WHERE ($1::uuid IS NULL OR {compared.key} > $1) "
        f"ORDER BY {compared.key} OFFSET {RANGE - 1} LIMIT 1",
        after,
    )
    return bound or _LAST


async def differences(session: AsyncSession, compared: Compared, keys: Sequence[UUID]) -> list[Difference]:
    """Of these keys, or of all where the table is compared whole; in the session's transaction."""
    driver = await driver_of(session)
    if compared.whole:
        found = await driver.fetch(_statement(compared, _ALL))
    else:
        found = await driver.fetch(_statement(compared, _KEYS), list(keys))
    return [Difference(compared, row["key"], row["cause"], tuple(row["columns"])) for row in found]
