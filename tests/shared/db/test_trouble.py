"""Trouble of the database is told from the fault of a record, whichever way the error comes."""

from typing import Any

import pytest
from sqlalchemy import text

from shared.db.session import Database, driver_of
from shared.db.trouble import is_database_trouble, pause_before
from shared.kafka.dead_letter import reason_of
from tests.shared.conditions import until

_RAISE = "DO $$ BEGIN RAISE EXCEPTION 'Siti Aminah' USING ERRCODE = '{state}'; END $$"


async def _error(database: Database, statement: str, *, through_driver: bool) -> Exception:
    try:
        async with database.transaction() as session:
            if through_driver:
                await (await driver_of(session)).execute(statement)
            else:
                await (await session.connection()).execute(text(statement))
    except Exception as error:  # noqa: BLE001  # any error is what is asked for
        return error
    raise AssertionError("the statement did not fail")


@pytest.mark.parametrize("through_driver", [False, True])
@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        ("40001", True),
        ("40P01", True),
        ("55P03", True),
        ("57014", True),
        ("57P01", True),
        ("53300", True),
        ("42P01", True),
        ("25P04", True),
        ("25P02", False),
        ("23505", False),
        ("23514", False),
        ("22001", False),
        ("42601", False),
        ("P0001", False),
    ],
)
async def test_by_its_state(database: Database, state: str, *, trouble: bool, through_driver: bool) -> None:
    error = await _error(database, _RAISE.format(state=state), through_driver=through_driver)
    assert is_database_trouble(error) is trouble


@pytest.mark.parametrize("through_driver", [False, True])
async def test_a_lost_connection_is_trouble(database: Database, *, through_driver: bool) -> None:
    error = await _error(database, "SELECT pg_terminate_backend(pg_backend_pid())", through_driver=through_driver)
    assert is_database_trouble(error)
    async with database.transaction() as session:
        assert (await session.connection()) is not None


async def test_a_connection_that_was_lost_while_idle_is_replaced(database: Database, outside: Any) -> None:
    async with database.transaction() as session:
        driver = await driver_of(session)
        pid = await driver.fetchval("SELECT pg_backend_pid()")
    await outside.execute("SELECT pg_terminate_backend($1, 5000)", pid)
    await until(lambda: closed(driver))
    async with database.transaction() as session:
        assert await (await driver_of(session)).fetchval("SELECT pg_backend_pid()") != pid


async def closed(driver: Any) -> bool:
    return bool(driver.is_closed())


async def test_a_wrong_parameter_is_the_fault_of_a_record(database: Database) -> None:
    with pytest.raises(Exception, match="invalid input") as raised:
        async with database.transaction() as session:
            await (await driver_of(session)).execute("SELECT $1::int", "Siti Aminah")
    assert not is_database_trouble(raised.value)


def test_a_handlers_own_error_is_no_trouble_but_trouble_in_its_disguise_is() -> None:
    assert not is_database_trouble(ValueError("connection is closed"))
    disguised = ValueError()
    disguised.__cause__ = ConnectionResetError()
    assert is_database_trouble(disguised)
    while_it_was_met = ValueError()
    while_it_was_met.__context__ = ConnectionResetError()
    assert is_database_trouble(while_it_was_met)
    while_it_was_met.__suppress_context__ = True
    assert not is_database_trouble(while_it_was_met)


async def test_the_reason_of_a_dead_letter_quotes_nothing(database: Database) -> None:
    statement = "INSERT INTO derived.item (item_id, version, value) VALUES ('Siti Aminah', 1, -1)"
    reason = reason_of(await _error(database, statement, through_driver=True))
    assert "Siti" not in reason
    assert "ck_item_value" in reason
    assert "SQLSTATE 23514" in reason
    assert "Siti" not in reason_of(await _error(database, statement, through_driver=False))


def test_pauses_double_are_bounded_and_differ() -> None:
    assert all(0.025 <= pause_before(0) <= 0.05 for _ in range(100))
    assert all(0.4 <= pause_before(4) <= 0.8 for _ in range(100))
    assert all(2.5 <= pause_before(attempt) <= 5.0 for attempt in (7, 100, 10_000))
    assert len({pause_before(3) for _ in range(10)}) > 1
