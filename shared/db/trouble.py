"""Telling trouble of the database from the fault of a record, and how long to wait before trying again."""

from collections.abc import Iterator
from random import SystemRandom
from typing import Final

from asyncpg import InterfaceError, InternalClientError, InvalidCachedStatementError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

AWAY: Final = (
    "08",  # connection
    "25006",  # a standby that was not promoted yet
    "25P03",  # idle in a transaction for too long
    "25P04",  # in a transaction for too long
    "28",  # login
    "3D",  # the database is away
    "40",  # deadlock, serialization
    "53",  # out of connections, memory or disk
    "55",  # a lock was not to be had
    "57",  # shut down, cancelled, timed out
    "58",  # system error
)
"""SQLSTATEs, or their beginnings, of a database that is away, busy or changing hands."""
_UNFINISHED: Final = (
    "3F",  # a schema is missing
    "42501",  # a privilege is missing
    "42703",  # a column is missing
    "42P01",  # a table is missing
)
"""Those of a migration that is still to come: every record would meet them, so none is at fault."""

_SHORTEST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 5.0
_RANDOM: Final = SystemRandom()


def is_database_trouble(error: BaseException) -> bool:
    """Whether the same statements may succeed later: the connection is lost, a lock held, a table still missing.

    Looks through what led to the error, so that a handler may wrap it.
    """
    return any(_is_trouble(link) for link in chain_of(error))


def state_of(error: BaseException) -> str | None:
    """The SQLSTATE of an error of the database, or None."""
    for link in chain_of(error):
        state = getattr(link, "sqlstate", None)
        if isinstance(state, str):
            return state
    return None


def pause_before(attempt: int) -> float:
    """Seconds to wait before the `attempt`-th retry (from 0): doubling, bounded, and jittered by half."""
    longest = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2.0 ** min(attempt, 16))
    return longest * _RANDOM.uniform(0.5, 1.0)


def chain_of(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what the driver said, and what led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        context = None if error.__suppress_context__ else error.__context__
        error = getattr(error, "orig", None) or error.__cause__ or context


def _is_trouble(error: BaseException) -> bool:
    if isinstance(error, PostgresError):
        state = error.sqlstate or ""
        return state.startswith(AWAY + _UNFINISHED) or isinstance(error, InvalidCachedStatementError)
    if isinstance(error, InterfaceError):
        # The driver also says so of a wrong parameter, which is the record's fault.
        return "clos" in str(error)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    # The driver is beside itself after a connection was ended under it, or a type was changed.
    return isinstance(error, OSError | PoolTimeoutError | InternalClientError)
