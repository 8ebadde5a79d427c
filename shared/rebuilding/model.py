"""What a service says of its read model, so that it can be rebuilt, compared, repaired and replaced."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession


@dataclass(frozen=True, slots=True)
class Compared:
    """Rows that must be equal in both. `live` and `shadow` are tables, or SELECTs in parentheses.

    Rows of people are compared in ranges of `key`, a UUID; `whole` are the few rows of sums, whose key is a text.
    """

    name: str
    live: str
    shadow: str
    key: str
    content: Sequence[str]
    version: Sequence[str] = ()
    """Columns that order the states of a key, the first of them first; none where a row has no versions."""
    differs: str = "other content at the same version"
    """What it means when the rest is not the same."""
    whole: bool = False

    @property
    def key_type(self) -> str:
        return "text" if self.whole else "uuid"


@dataclass(frozen=True, slots=True)
class Difference:
    """A key whose rows are not equal, and in which columns; none where one of the rows is missing."""

    compared: Compared
    key: str
    cause: str
    columns: tuple[str, ...] = ()


Settle = Callable[[AsyncSession, Sequence[UUID]], Awaitable[None]]
"""Does now what the service's jobs would do next, for these people where it can be told."""
Repair = Callable[[AsyncSession, Sequence[Difference]], Awaitable[None]]
"""Brings the live rows where the shadow's are; batches are halted, and both hold the same events."""


@dataclass(frozen=True, slots=True)
class ReadModel:
    """The tables that follow from topics in one service."""

    tables: Sequence[str]
    """Tables that its handlers and jobs write, with their schemas. Those of `derived` can be replaced."""
    compared: Sequence[Compared]
    """In the order of repair: what others follow from stands first, `whole` ones at the end."""
    settle: Settle
    repair: Repair
    held: Mapping[str, str]
    """By topic: key and version of the states that the shadow holds, as a SELECT."""
    indexes: Sequence[str] = ()
    """Indexes that its handlers read by. Keys are always there, all others are made before a swap only."""
    statements: Sequence[str] = ()
    """SQL on the new shadow: rows that migrations bring, and what a new shape has beyond the live tables."""
    added: Sequence[str] = ()
    """Tables of a new shape that have no live one yet, by the names that they will have."""
    carry_over: Sequence[str] = ()
    """SQL before a swap: what only the live tables know, such as versions that others were told, moves over.

    It may be repeated, and must be quick where little has changed since."""
