"""Which states a service is the source of, and where its tables hold them.

Republishing, restoring, the checker of the topic's tail and `verify` stand on this one description.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.contract import State
from shared.kafka.topics import Topic
from shared.outbox.append import Outgoing

ReadStates = Callable[[AsyncSession, Sequence[str]], Awaitable[Sequence[Outgoing]]]
"""The states of these keys as they were published last, in key order; keys without such a state are left out.

A state whose row has moved on since it was published is one of those: what was published stands nowhere any more.
"""
PutBack = Callable[[AsyncSession, Sequence[Any]], Awaitable[int]]
"""Makes rows again from their states, at their versions, where they are in nobody's way; returns how many."""

_LONGEST_KEY: Final = 200
"""Characters: far more than ours have, and no more than an index takes."""


@dataclass(frozen=True, slots=True)
class PublishedStates:
    """The one topic of a service and the table behind it, one row a key."""

    topic: Topic
    contract: type[State]
    table: str
    """With its schema, such as `derived.talent`."""
    key: str
    """The column with the key of the topic."""
    key_type: str
    """The type of that column: `uuid` or `text`."""
    version: str
    """The column with the version that was published last; 0 where nothing was."""
    read: ReadStates
    content_version: str | None = None
    """The column with the version of the content, where that runs ahead of what was published."""
    put_back: PutBack | None = None
    """For a source whose states say all that its rows hold: what a restored database has lost, its topic knows."""

    def key_in(self, told: bytes | None) -> str | None:
        """A record's key as the key column could hold it, or None."""
        try:
            key = (told or b"").decode()
        except UnicodeDecodeError:
            return None
        return key if self.admits(key) else None

    def admits(self, key: str) -> bool:
        """Whether the key column could hold this text, and an index."""
        if self.key_type != "uuid":
            return "\0" not in key and len(key) <= _LONGEST_KEY
        try:
            return str(UUID(key)) == key
        except ValueError:
            return False
