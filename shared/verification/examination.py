"""One check at its work: how far it is, what it found, and how fast it may go."""

import sys
from asyncio import sleep
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from pydantic import ValidationError

from shared.db.session import Database
from shared.kafka.decoding import places_of
from shared.verification.differences import Difference, Kind

_TELL_EVERY: Final = 2.0
UNREADABLE: Final = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError)
"""What rules raise of a row that holds what no contract allows."""


class Examination:
    """What a check is given. It works in slices, each a short transaction, and calls `went_through` after each.

    It lasts as long as its context, and is complete unless that ends with an error or the check left rows out.
    `pace` is the share of the time that it works, above 0 up to 1; the rest is left to those who serve. Of the
    differences `most` are kept, and all are counted.
    """

    def __init__(self, name: str, database: Database, *, pace: float = 1, most: int = 100) -> None:
        self.name = name
        self.database = database
        self.compared = 0
        self.moving = 0
        """Rows that changed at every look, and kept up."""
        self.differences: list[Difference] = []
        self.count = 0
        self.is_complete = True
        self._pace = pace
        self._most = most
        self.seconds = 0.0
        self._begun = self._since = self._told = monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = monotonic() - self._begun
        self.is_complete = self.is_complete and kind is None

    @property
    def is_full(self) -> bool:
        """As many differences as are kept: of further ones only the number is told."""
        return len(self.differences) >= self._most

    async def went_through(self, count: int) -> None:
        """So many more were compared: tell now and then how far it is, and rest by the pace."""
        self.compared += count
        now = monotonic()
        if now - self._told > _TELL_EVERY:
            self.say(f"{self.compared:,} compared, {self.count:,} different")
            self._told = now
        await sleep((now - self._since) * (1 / self._pace - 1))
        self._since = monotonic()

    async def wait(self, seconds: float) -> None:
        """Until others have moved on. That is no work, and costs no rest."""
        before = monotonic()
        await sleep(seconds)
        self._since += monotonic() - before

    def say(self, line: str) -> None:
        """On stderr: results alone go to stdout."""
        sys.stderr.write(f"{self.name}: {line}\n")

    def found(self, difference: Difference) -> None:
        """It differs."""
        self.count += 1
        if not self.is_full:
            self.differences.append(difference)

    def expect(
        self,
        key: UUID | str,
        expected: Mapping[str, Any],
        found: Mapping[str, Any],
        *,
        of: str | None = None,
        cause: str,
    ) -> None:
        """A derived row must be as recomputed: what differs in the fields of `expected` is a difference."""
        fields = {name: (value, found[name]) for name, value in expected.items() if found[name] != value}
        if fields:
            self.found(Difference(Kind.DERIVATION, of or self.name, str(key), fields, cause))

    def cannot_read(self, key: UUID, error: Exception, *, cause: str) -> None:
        """No rule can be asked what this row should be: one of `UNREADABLE` says why. It hides no other row."""
        why = places_of(error) if isinstance(error, ValidationError) else type(error).__name__
        told = f"cannot be read by the contract ({why}): {cause}"
        self.found(Difference(Kind.DERIVATION, self.name, str(key), {}, told))


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is the table whose rows are recomputed."""

    name: str
    run: Callable[[Examination], Awaitable[None]]
