"""SQL over whatever table a service publishes from. Keys are text here, whatever type their column has."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of
from shared.states.published import PublishedStates

_PENDING: Final = "SELECT DISTINCT key FROM source.outbox WHERE topic = $1 AND key = ANY($2::text[])"

_FORGET: Final = """
    DELETE FROM source.outbox USING unnest($2::text[], $3::bigint[]) AS done (key, up_to)
    WHERE topic = $1 AND outbox.key = done.key AND version <= up_to RETURNING id
"""


async def page(
    session: AsyncSession,
    published: PublishedStates,
    *,
    after: str | None,
    most: int,
) -> list[tuple[str, int]]:
    """Up to `most` keys behind `after`, in key order, with the version published last; none that never was."""
    behind = f"{published.key} > $2::text::{published.key_type} AND" if after is not None else ""
    statement = f"""
        SELECT {published.key}::text, {published.version} FROM {published.table}
        WHERE {behind} {published.version} > 0 ORDER BY {published.key} LIMIT $1
    """
    arguments = (most,) if after is None else (most, after)
    rows = await (await driver_of(session)).fetch(statement, *arguments)
    return [(key, version) for key, version in rows]


async def versions(session: AsyncSession, published: PublishedStates, keys: Collection[str]) -> dict[str, int]:
    """The version published last of each of these keys; those never published are left out."""
    statement = f"""
        SELECT {published.key}::text, {published.version} FROM {published.table}
        WHERE {published.key} = ANY($1::text[]::{published.key_type}[]) AND {published.version} > 0
    """
    return dict(await (await driver_of(session)).fetch(statement, list(keys)))


async def settled(session: AsyncSession, published: PublishedStates, keys: Collection[str]) -> dict[str, int]:
    """As `versions`, without those that have a row in the outbox: these versions stand in the topic already."""
    statement = f"""
        SELECT {published.key}::text, {published.version} FROM {published.table}
        WHERE {published.key} = ANY($1::text[]::{published.key_type}[]) AND {published.version} > 0
          AND NOT EXISTS (SELECT FROM source.outbox WHERE topic = $2 AND outbox.key = {published.key}::text)
    """
    return dict(await (await driver_of(session)).fetch(statement, list(keys), published.topic.name))


async def pending(session: AsyncSession, published: PublishedStates, keys: Collection[str]) -> set[str]:
    """Those of the keys that have a row in the outbox."""
    rows = await (await driver_of(session)).fetch(_PENDING, published.topic.name, list(keys))
    return {row["key"] for row in rows}


async def lock(
    session: AsyncSession,
    published: PublishedStates,
    keys: Collection[str],
    *,
    skip_locked: bool,
) -> dict[str, int]:
    """Lock the rows of these keys until the transaction ends, and return their versions as `versions` does.

    Who locks many rows skips those that others hold: they may hold them in another order than that of the keys.
    """
    statement = f"""
        SELECT {published.key}::text, {published.version} FROM {published.table}
        WHERE {published.key} = ANY($1::text[]::{published.key_type}[]) AND {published.version} > 0
        ORDER BY {published.key} FOR UPDATE {"SKIP LOCKED" if skip_locked else ""}
    """
    return dict(await (await driver_of(session)).fetch(statement, list(keys)))


async def raise_versions(session: AsyncSession, published: PublishedStates, above: Mapping[str, int]) -> None:
    """Give the locked rows of these keys a version above their own and above the one given."""
    columns = [published.version, *filter(None, [published.content_version])]
    statement = f"""
        UPDATE {published.table} AS stored
        SET ({", ".join(columns)}) = ROW ({", ".join(["raised.next"] * len(columns))})
        FROM (
            SELECT {published.key} AS key, greatest({", ".join(columns)}, floor) + 1 AS next
            FROM unnest($1::text[]::{published.key_type}[], $2::bigint[]) AS given (given_key, floor)
            JOIN {published.table} ON {published.key} = given_key
        ) AS raised
        WHERE stored.{published.key} = raised.key
    """
    await (await driver_of(session)).execute(statement, list(above), list(above.values()))


async def forget_pending(session: AsyncSession, published: PublishedStates, up_to: Mapping[str, int]) -> int:
    """Remove the outbox rows of these keys up to these versions, and return how many there were."""
    rows = await (await driver_of(session)).fetch(_FORGET, published.topic.name, list(up_to), list(up_to.values()))
    return len(rows)
