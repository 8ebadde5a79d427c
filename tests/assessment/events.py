"""What the service has published: the rows of its outbox, which nobody relays in these tests."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class Event:
    """One row, in the order of writing."""

    key: UUID
    version: int
    causes: list[str]
    origin_time: datetime
    state: dict[str, Any]

    @property
    def predikats(self) -> list[str]:
        return [part["predikat"] for part in self.state["performance"]]


async def published(connection: asyncpg.Connection) -> list[Event]:
    rows = await connection.fetch(
        "SELECT key, version, causes, origin_time, payload FROM source.outbox"
        " WHERE topic = 'assessment.results' ORDER BY id",
    )
    return [
        Event(UUID(row["key"]), row["version"], row["causes"], row["origin_time"], json.loads(row["payload"]))
        for row in rows
    ]
