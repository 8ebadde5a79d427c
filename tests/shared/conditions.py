"""Waiting on conditions."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], Awaitable[bool]], within: float = 15.0) -> None:
    """Wait until the condition holds. Raises TimeoutError when it does not in so many seconds."""
    async with asyncio.timeout(within):
        # Both sides are servers of their own: there is nothing here to be told by, only to look.
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
