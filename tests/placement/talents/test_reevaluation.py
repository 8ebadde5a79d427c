"""Results change with the calendar and the policy in force, by the job and without any event."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.placement.settings import Settings
from services.placement.talents.queries import TODAY
from services.placement.talents.service import reevaluate_due
from services.placement.worker import jobs, subscriptions
from shared.db.session import Database
from shared.kafka.topics import EMPLOYEES, RESULTS
from tests.placement.arrivals import Arrivals
from tests.placement.people import assessment, employee, punishment, year

ID = UUID("0198c0de-0000-7000-8000-000000000001")
LONG_AGO = date(2026, 1, 2)


async def _today(connection: asyncpg.Connection) -> date:
    day: date = await connection.fetchval("SELECT (now() AT TIME ZONE 'Asia/Jakarta')::date")
    return day


async def _set_back(connection: asyncpg.Connection, **columns: Any) -> None:
    """Make the rows look as they were on an earlier day."""
    assigned = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 1))
    await connection.execute(f"UPDATE derived.talent SET {assigned}", *columns.values())
    await connection.execute("TRUNCATE source.outbox")


async def test_day_is_that_of_jakarta_and_stored(arrivals: Arrivals, connection: asyncpg.Connection) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    assert (await arrivals.row(ID))["evaluated_on"] == await _today(connection)


@pytest.mark.parametrize(
    ("moment", "day"),
    [("2026-11-24T16:59:59Z", date(2026, 11, 24)), ("2026-11-24T17:00:00Z", date(2026, 11, 25))],
)
async def test_day_begins_at_midnight_in_jakarta(connection: asyncpg.Connection, moment: str, day: date) -> None:
    assert await connection.fetchval(f"SELECT {TODAY.replace('now()', f'timestamptz {moment!r}')}") == day


async def test_row_that_is_due_is_evaluated_and_published(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    yesterday = await _today(connection) - timedelta(days=1)
    served = [punishment("RINGAN", "2026-01-01", str(yesterday))]
    await arrivals.take(employee(ID, discipline=served), assessment(ID))
    # As it was while the punishment was being served.
    await _set_back(
        connection, vetoes=["serving_punishment"], eligible=False, in_pool=False, next_change_on=LONG_AGO
    )

    assert await reevaluate_due(database, 500)
    ((state, cause),) = await arrivals.published()
    assert (state.version, state.vetoes, state.in_pool) == (2, (), True)
    assert cause.causes == (f"calendar/{await _today(connection)}",)
    assert (await arrivals.row(ID))["next_change_on"] > await _today(connection)
    assert not await reevaluate_due(database, 500)


async def test_due_row_that_stays_the_same_only_moves_its_day(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    before = dict(await arrivals.row(ID))
    await _set_back(connection, next_change_on=LONG_AGO)
    assert await reevaluate_due(database, 500)
    assert dict(await arrivals.row(ID)) == before
    assert await arrivals.published() == []
    assert not await reevaluate_due(database, 500)


async def test_due_rows_go_by_batches(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    people = [employee() for _ in range(5)]
    await arrivals.take(*people)
    await _set_back(connection, active=False, next_change_on=LONG_AGO)
    rounds = 0
    while await reevaluate_due(database, 2):
        rounds += 1
    assert rounds == 3
    assert len(await arrivals.published()) == 5


async def test_new_policy_maps_everybody_anew(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    people = [employee() for _ in range(3)]
    years = [year(2025, "SANGAT_BAIK"), year(2024, "BUTUH_PERBAIKAN")]
    await arrivals.take(*people, *(assessment(each.employee_id, performance=years) for each in people))
    assert {state.box for state, _ in await arrivals.published()} == {8}
    await connection.execute("TRUNCATE source.outbox")
    today = await _today(connection)
    await connection.execute("INSERT INTO source.policy_in_force VALUES ('*', $1, 'djbk-2026')", today)

    assert await reevaluate_due(database, 2)
    assert await reevaluate_due(database, 2)
    assert not await reevaluate_due(database, 2)
    published = await arrivals.published()
    assert {(state.box, state.y, state.policy_id) for state, _ in published} == {(9, Decimal(100), "djbk-2026")}
    assert {cause.causes for _, cause in published} == {("talent-policy/djbk-2026",)}


async def test_policy_of_one_region_touches_no_other(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    here, there = employee(region="33.72"), employee(region="33.74")
    await arrivals.take(here, there)
    await connection.execute("INSERT INTO source.policy_in_force VALUES ('33.72', '2026-01-01', 'djbk-2026')")
    while await reevaluate_due(database, 500):
        pass
    assert (await arrivals.row(here.employee_id))["policy_id"] == "djbk-2026"
    assert (await arrivals.row(there.employee_id))["policy_id"] == "talenta-default-1"


async def test_policy_of_the_future_is_not_in_force(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    await arrivals.take(employee(ID))
    tomorrow = await _today(connection) + timedelta(days=1)
    await connection.execute("INSERT INTO source.policy_in_force VALUES ('*', $1, 'djbk-2026')", tomorrow)
    assert not await reevaluate_due(database, 500)


async def test_result_of_a_day_ahead_does_not_keep_the_job_busy(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    # A clock that was set back: the row was evaluated on a day on which another policy is in force.
    today = await _today(connection)
    await connection.execute("INSERT INTO source.policy_in_force VALUES ('*', $1, 'djbk-2026')", today)
    await arrivals.take(employee(ID))
    tomorrow = today + timedelta(days=1)
    await connection.execute(
        "UPDATE source.policy_in_force SET effective_from = $1 WHERE policy_id = 'djbk-2026'", tomorrow
    )
    await _set_back(connection, evaluated_on=tomorrow)
    assert not await reevaluate_due(database, 500)
    assert await arrivals.published() == []


async def test_result_of_a_day_ahead_does_not_hold_up_the_others(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    today = await _today(connection)
    ahead, stale = employee(region="33.01"), employee(region="33.74")
    await arrivals.take(ahead, stale)
    # One region was evaluated ahead by a policy of tomorrow, the other by one that is in force no longer.
    await connection.execute(
        "UPDATE derived.talent SET policy_id = 'djbk-2026', evaluated_on = $1 WHERE region = '33.01'",
        today + timedelta(days=1),
    )
    await connection.execute(
        "INSERT INTO source.policy_in_force VALUES ('33.01', $1, 'djbk-2026')", today + timedelta(days=1)
    )
    await connection.execute("INSERT INTO source.policy_in_force VALUES ('33.74', '2026-01-01', 'djbk-2026')")
    while await reevaluate_due(database, 500):
        pass
    assert (await arrivals.row(stale.employee_id))["policy_id"] == "djbk-2026"
    assert (await arrivals.row(ahead.employee_id))["version"] == 1


async def test_assessment_that_waits_for_its_employee_is_left_alone(
    arrivals: Arrivals, database: Database
) -> None:
    await arrivals.take(assessment(ID))
    assert not await reevaluate_due(database, 500)


async def test_event_and_job_at_once_lose_nothing(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    people = [employee() for _ in range(100)]
    await arrivals.take(*people)
    await connection.execute("INSERT INTO source.policy_in_force VALUES ('*', '2026-01-01', 'djbk-2026')")
    measured = [assessment(each.employee_id) for each in people]
    await asyncio.gather(
        arrivals.take(*measured[:50]), reevaluate_due(database, 500), arrivals.take(*measured[50:])
    )
    while await reevaluate_due(database, 500):
        pass
    rows = await connection.fetch(
        "SELECT policy_id, assessment_version, box, count(*) FROM derived.talent GROUP BY 1, 2, 3"
    )
    assert [tuple(row) for row in rows] == [("djbk-2026", 1, 9, 100)]


async def test_worker_names_its_inputs_and_its_job(database: Database) -> None:
    (subscription,) = subscriptions(database)
    assert set(subscription.contracts) == {EMPLOYEES, RESULTS}
    (job,) = jobs(Settings(database_url="postgresql://nobody@localhost/none"), database)
    assert job.every == 60
    assert await job.run() is False


async def test_re_evaluation_of_many_gives_way_behind_its_first_batch(
    arrivals: Arrivals, database: Database, connection: asyncpg.Connection
) -> None:
    await arrivals.take(*(employee() for _ in range(6)))
    await connection.execute("INSERT INTO source.policy_in_force VALUES ('*', '2026-01-01', 'djbk-2026')")
    settings = Settings(
        database_url="postgresql://nobody@localhost/none",
        reevaluation_rows=4,
        bulk_longest_delay=-1,  # never
        bulk_longest_wait=0.05,
    )
    (job,) = jobs(settings, database)
    assert [await job.run(), await job.run()] == [True, True]
    moved = "SELECT count(*) FROM derived.talent WHERE policy_id = 'djbk-2026'"
    assert await connection.fetchval(moved) == 4
