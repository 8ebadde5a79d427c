"""Telling trouble of the database from the fault of a record, and how long to wait before trying again."""

from collections.abc import Iterator
from random import SystemRandom
from typing import Final

from asyncpg import InterfaceError, InternalClientError, InvalidCachedStatementError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_TROUBLED_STATES: Final = (
    "08",  # connection
    "25006",  # a standby that was not promoted yet
    "25P03",  # idle in a transaction for too long
    "25P04",  # in a transaction for too long
    "28",  # login
    "3D",  # the database is away
    "3F",  # a schema is missing: every record would meet it, so none is at fault
    "40",  # deadlock, serialization
    "42501",  # a privilege is missing
    "42703",  # a column is missing: the migration is still to come
    "42P01",  # a table is missing
    "53",  # out of connections, memory or disk
    "55",  # a lock was not to be had
    "57",  # shut down, cancelled, timed out
    "58",  # system error
)
"""SQLSTATEs, or their beginnings, that no record causes."""

_SHORTEST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 5.0
_RANDOM: Final = SystemRandom()


class TryLater(Exception):
    """A handler cannot take more for now: the batch is rolled back, and tried again after a pause."""


def is_database_trouble(error: BaseException) -> bool:
    """Whether the same statements may succeed later: the connection is lost, a lock held, a table still missing.

    Looks through what the error was raised from, so that a handler may wrap it.
    """
    return any(_is_trouble(link) for link in _chain(error))


def state_of(error: BaseException) -> str | None:
    """The SQLSTATE of an error of the database, or None."""
    for link in _chain(error):
        state = getattr(link, "sqlstate", None)
        if isinstance(state, str):
            return state
    return None


def pause_before(attempt: int) -> float:
    """Seconds to wait before the `attempt`-th retry (from 0): doubling, bounded, and jittered by half."""
    longest = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2.0 ** min(attempt, 16))
    return longest * _RANDOM.uniform(0.5, 1.0)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, DBAPIError) and isinstance(error.orig, BaseException):
            yield error.orig
        error = error.__cause__


def _is_trouble(error: BaseException) -> bool:
    if isinstance(error, PostgresError):
        state = error.sqlstate or ""
        return state.startswith(_TROUBLED_STATES) or isinstance(error, InvalidCachedStatementError)
    if isinstance(error, InterfaceError):
        # The driver also says so of a wrong parameter, which is the record's fault.
        return "clos" in str(error)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    # The driver is beside itself after a connection was ended under it, or a type was changed.
    return isinstance(error, OSError | PoolTimeoutError | InternalClientError | TryLater)
