"""Errors that nobody raised on purpose: the database away, a text that it cannot hold, or a fault of ours."""

from collections.abc import Iterator
from typing import Final

import asyncpg
import sqlalchemy.exc

from shared.http.errors import DatabaseUnavailable, InternalError, InvalidInput, Problem

_AWAY: Final = ("08", "40", "53", "57", "55P03")
"""SQLSTATE: connection, rolled back (deadlock), no resources, intervention or cancelled, lock not available."""
_UNSTORABLE: Final = ("22021", "22P05")
"""SQLSTATE of a text with characters that PostgreSQL does not hold, such as NUL."""


def problem_for(error: BaseException) -> Problem:
    """What to answer. Trouble that passes by itself is 503, so that whoever asked asks again."""
    for cause in _chain(error):
        state = getattr(cause, "sqlstate", None)
        if isinstance(state, str) and state.startswith(_UNSTORABLE):
            return InvalidInput(
                "Teks memuat karakter yang tidak dapat disimpan",
                "The text holds a character that cannot be stored",
            )
        if isinstance(state, str) and state.startswith(_AWAY):
            return DatabaseUnavailable()
        if _is_disconnect(cause):
            return DatabaseUnavailable()
    return InternalError()


def _is_disconnect(error: BaseException) -> bool:
    if isinstance(error, sqlalchemy.exc.DBAPIError):
        return error.connection_invalidated
    if isinstance(error, asyncpg.InterfaceError):
        # asyncpg says so of wrong calls too, which no retry mends; SQLAlchemy tells them apart the same way.
        return "connection is closed" in str(error)
    return isinstance(error, sqlalchemy.exc.TimeoutError | ConnectionError | TimeoutError)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what the driver said, and what led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = getattr(error, "orig", None) or error.__cause__ or error.__context__
