"""Errors that nobody raised on purpose: the database away, a text that it cannot hold, or a fault of ours."""

from typing import Final

import asyncpg
import sqlalchemy.exc

from shared.db.trouble import AWAY, chain_of
from shared.http.errors import DatabaseUnavailable, InternalError, InvalidInput, Problem

_UNSTORABLE: Final = ("22021", "22P05")
"""SQLSTATE of a text with characters that PostgreSQL does not hold, such as NUL."""


def problem_for(error: BaseException) -> Problem:
    """What to answer. Trouble that passes by itself is 503, so that whoever asked asks again.

    A worker waits for a missing table or column too. Here that is a fault of ours: an API is not ready before its
    schema is there. Where it is met all the same, the log shall have the statement, and the caller not be told to
    come back.
    """
    for cause in chain_of(error):
        state = getattr(cause, "sqlstate", None)
        if isinstance(state, str) and state.startswith(_UNSTORABLE):
            return InvalidInput(
                "Teks memuat karakter yang tidak dapat disimpan",
                "The text holds a character that cannot be stored",
            )
        if isinstance(state, str) and state.startswith(AWAY):
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
