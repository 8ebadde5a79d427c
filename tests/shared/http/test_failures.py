"""Which errors pass by themselves (503), which the sender can mend (422), and which are ours (500)."""

import asyncpg
import pytest
import sqlalchemy.exc

from shared.http.failures import problem_for


def from_driver(error: Exception, *, invalidated: bool = False) -> sqlalchemy.exc.DBAPIError:
    return sqlalchemy.exc.DBAPIError("SELECT 1", {}, error, connection_invalidated=invalidated)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (asyncpg.exceptions.DeadlockDetectedError(), 503),
        (asyncpg.exceptions.SerializationError(), 503),
        (asyncpg.exceptions.QueryCanceledError(), 503),
        (asyncpg.exceptions.LockNotAvailableError(), 503),
        (asyncpg.exceptions.ReadOnlySQLTransactionError(), 503),
        (asyncpg.exceptions.InvalidCatalogNameError(), 503),
        (asyncpg.exceptions.TooManyConnectionsError(), 503),
        (asyncpg.exceptions.CannotConnectNowError(), 503),
        (asyncpg.exceptions.AdminShutdownError(), 503),
        (asyncpg.exceptions.ConnectionDoesNotExistError(), 503),
        (asyncpg.exceptions.InterfaceError("connection is closed"), 503),
        (asyncpg.exceptions.InterfaceError("another operation is in progress"), 500),
        (asyncpg.exceptions.CharacterNotInRepertoireError(), 422),
        (asyncpg.exceptions.UniqueViolationError(), 500),
        (asyncpg.exceptions.DataError("value out of range"), 500),
        (asyncpg.exceptions.UndefinedTableError(), 500),
        (asyncpg.exceptions.UndefinedColumnError(), 500),
        (ConnectionRefusedError(), 503),
        (TimeoutError(), 503),
        (FileNotFoundError(), 500),
        (ZeroDivisionError(), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_error_is_judged_by_its_cause(error: Exception, status: int) -> None:
    assert problem_for(error).status == status
    assert problem_for(from_driver(error)).status == status
    wrapped = RuntimeError("while doing something")
    wrapped.__cause__ = error
    assert problem_for(wrapped).status == status


def test_lost_connection_is_503() -> None:
    assert problem_for(from_driver(Exception(), invalidated=True)).status == 503
    assert problem_for(sqlalchemy.exc.TimeoutError()).status == 503


def test_chain_that_bites_its_tail_ends() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert problem_for(first).status == 500
