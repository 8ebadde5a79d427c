"""Telling, over a channel of the database, who has moved: whoever waits for him need not look all the time."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

MOVED: Final = "talenta_moved"
"""The channel that is notified after a transaction with which reads go on, of what is `told` then."""
MOST_TOLD: Final = 32
"""Keys that are named at a time: for more of them a look is little. All their names must be below 8000 bytes."""


def told(keys: Collection[UUID | str]) -> str:
    """What `MOVED` is notified of: those that moved, or nothing where they are many. Then everybody looks."""
    return ",".join(map(str, keys)) if len(keys) <= MOST_TOLD else ""
