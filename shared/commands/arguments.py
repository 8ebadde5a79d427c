"""Arguments that several commands take."""

import getpass
import os
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Final

MOST: Final = 100
_LARGEST: Final = 2**31 - 1


def positive(text: str) -> int:
    """A whole number from 1."""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= _LARGEST:
        raise ArgumentTypeError(f"no whole number from 1 to {_LARGEST}")
    return int(text)


def instant(text: str) -> datetime:
    """A date or time of ISO 8601; without a zone it is UTC, as all that is printed."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("no time of ISO 8601, such as 2026-11-24T08:00") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def add_bound(parser: ArgumentParser) -> None:
    """`--most`: no command runs over more rows than were asked for."""
    parser.add_argument("--most", type=positive, default=MOST, help=f"rows at most, oldest first (default {MOST})")


def add_form(parser: ArgumentParser) -> None:
    """`--json`: for programs."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_actor(parser: ArgumentParser) -> None:
    """`--actor`: who does it, for the log of steps."""
    parser.add_argument("--actor", default=_os_user(), help="who does it (default: the user of this system)")


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user often has no name.
        return f"uid {os.getuid()}"
