"""How far a replay is, on stderr: what was read, how fast, and how long it will take."""

from time import monotonic
from typing import Final

from shared.commands.output import tell

_EVERY: Final = 2.0
"""Seconds between two lines."""


class Progress:
    """Counts what one replay reads; `left` are offsets, of which compaction may have taken the records."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = self._told = monotonic()
        self._read = 0

    def note(self, read: int, left: int) -> None:
        """So many records more were written, and so many are still to come."""
        self._read += read
        now = monotonic()
        if now - self._told >= _EVERY:
            self._told = now
            rate = self._read / (now - self._began)
            tell(f"{self._what}: {self._read:,} events, {rate:,.0f}/s, {left:,} to go, about {left / rate:.0f} s")

    def end(self) -> None:
        """Say what came of it, where it took long enough for anybody to wonder."""
        seconds = monotonic() - self._began
        if seconds >= _EVERY:
            tell(f"{self._what}: {self._read:,} events in {seconds:.1f} s, {self._read / seconds:,.0f}/s")
