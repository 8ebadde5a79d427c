"""Ids of rows: UUIDs of version 7 (RFC 9562 §5.7). Later ids sort later, so new rows go to the end of an index."""

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

CHANCE: Final = 10
"""Bytes of chance in an id; six of their bits give way to version and variant."""
_VERSION_AND_VARIANT: Final = 0xF000 << 64 | 0b11 << 62
_VERSION_7: Final = 0x7000 << 64 | 0b10 << 62


def new_ids(at: datetime, count: int) -> list[UUID]:
    """So many ids that nobody has yet, of the moment `at`."""
    # Asked for at once: the system's source of chance costs as much each time as all else about an id.
    return ids_of(at, secrets.token_bytes(CHANCE * count))


def ids_of(at: datetime, chance: bytes) -> list[UUID]:
    """One id for every `CHANCE` bytes: 48 bits of milliseconds since 1970, then version, variant and the bytes."""
    time = int(at.timestamp() * 1000) << 80
    return [
        UUID(int=(time | int.from_bytes(chance[begin : begin + CHANCE])) & ~_VERSION_AND_VARIANT | _VERSION_7)
        for begin in range(0, len(chance), CHANCE)
    ]
