"""Rows of the outbox as the relay reads them, and the records that follow from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shared.events.envelope import Cause, Headers, headers_of

_SELECT: Final = """
    SELECT id, topic, key, version, contract, payload, origin_time, causes, traceparent, created_at
    FROM source.outbox
    ORDER BY id
    LIMIT $1
"""
_DELETE: Final = "DELETE FROM source.outbox WHERE id = ANY($1::bigint[])"
_OLDEST: Final = "SELECT created_at FROM source.outbox ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Rows of one key have ids in the order of their commits."""

    id: int
    topic: str
    key: str
    version: int
    contract: int
    payload: bytes
    cause: Cause
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published of one key: its newest state, with the cause of all that led to it."""

    topic: str
    key: bytes
    payload: bytes
    headers: Headers


async def lowest(connection: Any, most: int) -> list[Row]:
    """The rows of the lowest ids there are."""
    return [
        Row(
            row["id"],
            row["topic"],
            row["key"],
            row["version"],
            row["contract"],
            row["payload"],
            Cause(row["origin_time"], tuple(row["causes"]), row["traceparent"]),
            row["created_at"],
        )
        for row in await connection.fetch(_SELECT, most)
    ]


async def delete(connection: Any, rows: Iterable[Row]) -> None:
    """Delete them, all or none."""
    await connection.execute(_DELETE, [row.id for row in rows])


async def oldest(connection: Any) -> datetime | None:
    """When the row of the lowest id was written; None where there is no row."""
    written: datetime | None = await connection.fetchval(_OLDEST)
    return written


def newest_of_each_key(rows: Sequence[Row]) -> list[Publication]:
    """One publication a key, so that a hundred changes of one employee cost the topic one record.

    It carries the oldest origin time of its rows: freshness is measured from the change that waited longest.
    """
    of_key: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        of_key.setdefault((row.topic, row.key), []).append(row)
    return [_publication(together) for together in of_key.values()]


def _publication(together: Sequence[Row]) -> Publication:
    newest = together[-1]
    cause = Cause.merged(row.cause for row in together) if len(together) > 1 else newest.cause
    headers = headers_of(
        topic=newest.topic,
        key=newest.key,
        version=newest.version,
        contract=newest.contract,
        cause=cause,
    )
    return Publication(newest.topic, newest.key.encode(), newest.payload, headers)
