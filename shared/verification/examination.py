"""One check at its work: how far it is, what it found, and how fast it may go."""

import sys
from asyncio import sleep
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Self
from uuid import UUID

from shared.db.session import Database
from shared.verification.differences import Difference, Kind

_TELL_EVERY: Final = 2.0


class Examination:
    """What a check is given. It works in slices, each a short transaction, and calls `went_through` after each.

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
        self._pace = pace
        self._most = most
        self.seconds = 0.0
        self._begun = self._since = self._told = monotonic()

    def finish(self) -> Self:
        """It took so long."""
        self.seconds = monotonic() - self._begun
        return self

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


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is the table whose rows are recomputed."""

    name: str
    run: Callable[[Examination], Awaitable[None]]
