"""Events as the consumer hands them over, and what they leave in the database."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from services.placement.talents.projection import take_in
from shared.db.session import Database
from shared.events.contract import State
from shared.events.envelope import Cause
from shared.events.placement import TalentState
from shared.kafka.subscription import Received

BEGINNING: Final = datetime(2026, 11, 24, 3, tzinfo=UTC)


def received(state: State, cause: str = "employee/1", *, after_seconds: float = 0) -> Received[Any]:
    """An event with its cause; the origin so many seconds after `BEGINNING`."""
    origin = BEGINNING + timedelta(seconds=after_seconds)
    return Received(state, Cause(origin, (cause,), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))


class Arrivals:
    """The projection's two ends."""

    def __init__(self, database: Database, connection: asyncpg.Connection) -> None:
        self._database = database
        self._connection = connection

    async def take(self, *events: Received[Any] | State) -> None:
        """One batch, one transaction."""
        batch = [event if isinstance(event, Received) else received(event) for event in events]
        async with self._database.transaction() as session:
            await take_in(session, batch)

    async def row(self, employee_id: UUID) -> asyncpg.Record:
        found = await self._connection.fetchrow("SELECT * FROM derived.talent WHERE employee_id = $1", employee_id)
        assert found is not None
        return found

    async def published(self) -> list[tuple[TalentState, Cause]]:
        """The outbox, oldest first."""
        rows: Sequence[asyncpg.Record] = await self._connection.fetch("SELECT * FROM source.outbox ORDER BY id")
        return [
            (
                TalentState.model_validate(json.loads(row["payload"])),
                Cause(row["origin_time"], tuple(row["causes"]), row["traceparent"]),
            )
            for row in rows
        ]
