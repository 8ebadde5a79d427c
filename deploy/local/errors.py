"""What the local stack refuses, in words that name the way out."""

from pathlib import Path

LOG_LINES_SHOWN = 12


class StackError(Exception):
    """The stack cannot start or go on; the message says what is missing and what can be done about it."""


class ChildFailedError(StackError):
    """A server or service ended, or did not become ready in time; shows where its log is and how it ends."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        super().__init__(f"{name} {what}. Lihat log / its log: {log}{_last_lines(log)}")


def _last_lines(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
    except OSError:
        return ""
    return "".join(f"\n    {line}" for line in lines)
