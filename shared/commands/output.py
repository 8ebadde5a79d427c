"""What commands print: tables for people, JSON for programs; and on stderr what is no result.

Text from outside cannot steer the terminal.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

_TELLING_PERIOD: Final = 2.0


def say(line: str) -> None:
    """One line on stdout."""
    sys.stdout.write(f"{line}\n")


def tell(line: str) -> None:
    """One line on stderr, at once: how far it is, or why it ends."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class Telling:
    """Tells how far something is, every two seconds at most."""

    def __init__(self) -> None:
        self._told_at = monotonic()

    def __call__(self, line: str) -> None:
        if monotonic() - self._told_at >= _TELLING_PERIOD:
            tell(line)
            self._told_at = monotonic()


def say_json(value: Any) -> None:
    """One document on stdout; times as ISO 8601 in UTC."""
    say(json.dumps(value, indent=2, default=_shown))


def say_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Aligned columns under the names of the first row's; nothing where there is no row."""
    if not rows:
        return
    cells = [list(rows[0]), *([plain(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def plain(value: Any) -> str:
    """A value in one line, with control characters escaped."""
    if value is None:
        return "-"
    text = _shown(value)
    return text if text.isprintable() else json.dumps(text)[1:-1]


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in the unit that says most: `3 d`, `5 h`, `12 min`, `7 s`."""
    age = max(now - at, timedelta(0))
    for unit, length in (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if age >= length:
            return f"{age // length} {unit}"
    return f"{age // timedelta(seconds=1)} s"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(value)
