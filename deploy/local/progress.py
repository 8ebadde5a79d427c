"""Lines that tell a waiting person what the stack is doing."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator

_STARTED = time.monotonic()
_REMIND_EVERY = 5.0


def show(text: str) -> None:
    """Print a line as it is.

    A reader who went away (`make run | head`) must not keep the stack from stopping its servers.
    """
    with contextlib.suppress(OSError):
        print(text, flush=True, file=sys.stdout)


def say(text: str) -> None:
    """Print a line with the seconds since the start."""
    show(f"[{time.monotonic() - _STARTED:6.1f} s] {text}")


@contextlib.asynccontextmanager
async def waiting(what: str) -> AsyncIterator[None]:
    """Repeat every five seconds that we still wait for `what`, so that a slow start does not look like a hang."""
    reminder = asyncio.create_task(_remind(what))
    try:
        yield
    finally:
        reminder.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reminder


async def _remind(what: str) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(_REMIND_EVERY)
        say(f"masih menunggu / still waiting for {what} ({time.monotonic() - began:.0f} s)")
