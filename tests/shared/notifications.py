"""What a database notifies, as somebody hears it who listens from outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def heard(connection: Any, channel: str) -> AsyncIterator[list[str]]:
    """What each notification says; all that were sent within the block are there when it has ended."""
    notifications: list[str] = []

    def hear(_connection: object, _process: int, _channel: str, payload: str) -> None:
        notifications.append(payload)

    await connection.add_listener(channel, hear)
    try:
        yield notifications
        # What was sent before the answer comes is heard before it.
        await connection.fetchval("SELECT 1")
    finally:
        await connection.remove_listener(channel, hear)
