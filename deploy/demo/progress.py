"""Progress of something long: how far, how fast, how much longer."""

import time
from collections.abc import Callable
from typing import Final

Say = Callable[[str], None]
"""Takes one line for the person who waits."""

_EVERY: Final = 5.0


class Progress:
    """Counts what is done and says so every five seconds, and once at the end."""

    def __init__(self, what: str, total: int, say: Say) -> None:
        self._what, self._total, self._say = what, total, say
        self._done = 0
        self._began = self._said = time.monotonic()

    def add(self, count: int) -> None:
        self.reached(self._done + count)

    def reached(self, done: int) -> None:
        """`done` of the total are done now."""
        self._done = done
        if time.monotonic() - self._said >= _EVERY:
            self._said = time.monotonic()
            self._say(self._line())

    def finish(self) -> None:
        elapsed = time.monotonic() - self._began
        self._say(f"{self._what}: {self._total:,}, {elapsed:.1f} s ({self._rate():,.0f}/s)")

    def _line(self) -> str:
        rate = self._rate()
        left = f"{(self._total - self._done) / rate:.0f} s lagi / left" if rate > 0 else "menunggu / waiting"
        share = self._done / self._total if self._total else 1
        return f"{self._what}: {self._done:,} / {self._total:,} ({share:.0%}), {rate:,.0f}/s, {left}"

    def _rate(self) -> float:
        return self._done / max(1e-9, time.monotonic() - self._began)
