"""Both inputs meet in one row, whatever the order, repetition and batching of their events."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.placement.talents.queries import lock
from shared.db.session import Database
from shared.events.contract import State
from tests.placement.arrivals import BEGINNING, Arrivals, received
from tests.placement.people import assessment, employee, measure, punishment, year
from tests.shared.conditions import until

ID = UUID("0198c0de-0000-7000-8000-000000000001")


async def test_both_inputs_make_a_talent(arrivals: Arrivals) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    row = await arrivals.row(ID)
    assert (row["x"], row["y"], row["talent_value"], row["box"]) == (
        Decimal("93.5"),
        Decimal(80),
        Decimal("86.75"),
        8,
    )
    assert row["in_pool"]
    assert row["eligible"]
    ((state, _),) = await arrivals.published()
    assert (state.version, state.box, state.talent_value) == (1, 8, Decimal("86.75"))
    assert (state.inputs.employee, state.inputs.assessment) == (1, 1)


async def test_employee_alone_is_published_without_a_box(arrivals: Arrivals) -> None:
    await arrivals.take(employee(ID))
    ((state, _),) = await arrivals.published()
    assert state.box is None
    assert state.no_box_reasons == ("competency_missing", "potential_missing", "performance_missing")
    assert (state.active, state.eligible, state.in_pool) == (True, True, False)
    assert state.policy_id == "talenta-default-1"


async def test_assessment_before_its_employee_waits_and_is_not_lost(arrivals: Arrivals) -> None:
    await arrivals.take(assessment(ID))
    row = await arrivals.row(ID)
    assert (row["version"], row["region"], row["assessment_version"]) == (0, None, 1)
    assert await arrivals.published() == []
    await arrivals.take(employee(ID))
    ((state, _),) = await arrivals.published()
    assert (state.version, state.box) == (1, 8)


async def test_repeated_and_older_events_publish_nothing(arrivals: Arrivals) -> None:
    await arrivals.take(employee(ID, version=2), assessment(ID, version=3))
    before = await arrivals.row(ID)
    await arrivals.take(employee(ID, version=2), assessment(ID, version=3))
    await arrivals.take(employee(ID, version=1, kind="PPPK"))
    await arrivals.take(assessment(ID, version=2, performance=[year(2025, "KURANG")]))
    assert await arrivals.row(ID) == before
    assert len(await arrivals.published()) == 1


async def test_older_input_beside_a_newer_one_changes_only_what_is_newer(arrivals: Arrivals) -> None:
    await arrivals.take(employee(ID, version=2), assessment(ID, version=1))
    await arrivals.take(
        employee(ID, version=1, kind="PPPK"),
        assessment(ID, version=2, performance=[year(2025, "SANGAT_BAIK")]),
    )
    row = await arrivals.row(ID)
    assert (row["employee_version"], row["assessment_version"], row["version"]) == (2, 2, 2)
    assert (row["box"], row["vetoes"]) == (9, [])


async def test_input_that_changes_nothing_still_tells_its_version(arrivals: Arrivals) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    await arrivals.take(employee(ID, version=2))
    states = [state for state, _ in await arrivals.published()]
    assert [state.version for state in states] == [1, 2]
    assert states[1].inputs.employee == 2
    assert states[1].model_dump(exclude={"version", "inputs"}) == states[0].model_dump(
        exclude={"version", "inputs"}
    )


async def test_one_batch_makes_one_version_of_a_repeated_key(arrivals: Arrivals) -> None:
    await arrivals.take(
        employee(ID, version=1),
        assessment(ID, version=1),
        employee(ID, version=3, region="33.72"),
        employee(ID, version=2, region="33.10"),
    )
    ((state, _),) = await arrivals.published()
    assert (state.version, state.region, state.inputs.employee) == (1, "33.72", 3)


async def test_new_contract_of_a_known_version_is_taken_again(
    arrivals: Arrivals,
    connection: asyncpg.Connection,
) -> None:
    await arrivals.take(employee(ID, region="33.74"))
    await connection.execute("UPDATE derived.talent SET employee_contract = 0")
    await arrivals.take(employee(ID, region="33.72"))
    assert (await arrivals.row(ID))["region"] == "33.72"


async def test_what_is_understood_less_of_never_counts(
    arrivals: Arrivals,
    connection: asyncpg.Connection,
) -> None:
    await arrivals.take(employee(ID, region="33.74"))
    # As a newer release of this service has left it, which a repetition that an older one reads must not undo.
    await connection.execute(
        """UPDATE derived.talent SET employee_contract = 2, employee = employee || '{"region": "33.72"}'""",
    )
    await arrivals.take(employee(ID, region="33.74"), assessment(ID))
    assert (await arrivals.row(ID))["region"] == "33.72"


async def test_cause_is_that_of_the_events_which_were_news(arrivals: Arrivals) -> None:
    await arrivals.take(received(employee(ID), "employee/1"))
    await arrivals.take(
        received(employee(ID), "employee/1"),
        received(assessment(ID, version=1), "performance-score/a", after_seconds=5),
        received(assessment(ID, version=2), "performance-score/b", after_seconds=9),
    )
    _, cause = (await arrivals.published())[-1]
    assert cause.causes == ("performance-score/a", "performance-score/b")
    assert cause.origin_time == BEGINNING + timedelta(seconds=5)
    assert cause.traceparent
    row = await arrivals.row(ID)
    assert tuple(row["causes"]) == cause.causes
    assert row["origin_time"] == cause.origin_time


async def test_what_waited_for_its_employee_is_named_as_a_cause(arrivals: Arrivals) -> None:
    await arrivals.take(received(assessment(ID, version=1), "performance-score/a"))
    await arrivals.take(received(assessment(ID, version=2), "performance-score/b", after_seconds=1))
    await arrivals.take(received(employee(ID), "employee/1", after_seconds=5))
    await arrivals.take(received(employee(ID, version=2), "employee/2", after_seconds=9))
    (_, first), (_, second) = await arrivals.published()
    assert first.causes == ("performance-score/a", "performance-score/b", "employee/1")
    # Nothing could have followed from the scores before.
    assert first.origin_time == BEGINNING + timedelta(seconds=5)
    assert second.causes == ("employee/2",)


async def test_events_of_a_batch_leave_in_the_order_of_their_locks(arrivals: Arrivals) -> None:
    people = [employee() for _ in range(50)]
    await arrivals.take(*people)
    keys = [state.employee_id for state, _ in await arrivals.published()]
    assert keys == sorted(person.employee_id for person in people)


async def test_move_to_another_region_moves_the_talent(arrivals: Arrivals) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    await arrivals.take(employee(ID, version=2, region="33.72", unit_id="33.72-dinkes"))
    row = await arrivals.row(ID)
    assert (row["region"], row["unit_id"], row["box"]) == ("33.72", "33.72-dinkes", 8)


async def test_day_never_goes_back(arrivals: Arrivals, connection: asyncpg.Connection) -> None:
    await arrivals.take(employee(ID))
    future = date(2040, 1, 1)
    await connection.execute("UPDATE derived.talent SET evaluated_on = $1", future)
    await arrivals.take(assessment(ID))
    assert (await arrivals.row(ID))["evaluated_on"] == future


def _history(employee_id: UUID) -> list[State]:
    """What happened to one person, in order."""
    return [
        employee(employee_id, version=1, education=None),
        assessment(employee_id, version=1, performance=[year(2024)]),
        employee(employee_id, version=2, region="33.72"),
        assessment(employee_id, version=2, performance=[year(2025, "SANGAT_BAIK"), year(2024)]),
        employee(
            employee_id, version=3, region="33.72", discipline=[punishment("BERAT", "2026-06-01", "2099-01-01")]
        ),
        assessment(employee_id, version=3, competency=measure("jpm", "61.5")),
    ]


WAITING = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
RESULT = "employee_id, region, x, y, talent_value, box, vetoes, in_pool, employee_version, assessment_version"


@pytest.mark.parametrize("seed", range(5))
async def test_any_order_repetition_and_batching_ends_in_the_same_rows(
    seed: int,
    arrivals: Arrivals,
    connection: asyncpg.Connection,
) -> None:
    order = Random(seed)  # noqa: S311  # an order, no secret
    histories = [_history(uuid4()) for _ in range(12)]
    in_order: list[Any] = [event for history in histories for event in history]
    await arrivals.take(*in_order)
    undisturbed = await connection.fetch(f"SELECT {RESULT} FROM derived.talent ORDER BY 1")

    await connection.execute("TRUNCATE derived.talent, source.outbox")
    disturbed = in_order + order.sample(in_order, len(in_order) // 2)
    order.shuffle(disturbed)
    while disturbed:
        size = order.randint(1, 20)
        batch, disturbed = disturbed[:size], disturbed[size:]
        await arrivals.take(*batch)
    assert await connection.fetch(f"SELECT {RESULT} FROM derived.talent ORDER BY 1") == undisturbed

    last = {state.employee_id: state for state, _ in await arrivals.published()}
    assert {(each["employee_id"], each["box"]) for each in undisturbed} == {
        (state.employee_id, state.box) for state in last.values()
    }
    versions = await connection.fetch("SELECT key, version FROM source.outbox ORDER BY id")
    assert len({tuple(row) for row in versions}) == len(versions)


async def test_two_batches_at_once_lose_no_input(arrivals: Arrivals, connection: asyncpg.Connection) -> None:
    people = [employee() for _ in range(200)]
    measured = [assessment(person.employee_id) for person in people]
    # Two halves of each topic at once, the second topic from its other end: every row is met by two batches.
    await asyncio.gather(
        arrivals.take(*people[:100]),
        arrivals.take(*people[100:]),
        arrivals.take(*reversed(measured[100:])),
        arrivals.take(*reversed(measured[:100])),
    )
    assert await connection.fetchval("SELECT count(*) FROM derived.talent WHERE box = 8") == 200


async def test_policy_is_read_after_the_lock(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    await arrivals.take(employee(ID))
    async with asyncio.TaskGroup() as batches, database.transaction() as session:
        await lock(session, [ID])
        batches.create_task(arrivals.take(assessment(ID)))

        async def waits() -> bool:
            return bool(await connection.fetchval(WAITING))

        await until(waits)
        # What takes over while the batch waits is what it must go by.
        await connection.execute("INSERT INTO source.policy_in_force VALUES ('*', '2026-01-01', 'djbk-2026')")
    assert (await arrivals.row(ID))["policy_id"] == "djbk-2026"


async def test_batches_lock_shared_rows_in_one_order(arrivals: Arrivals, connection: asyncpg.Connection) -> None:
    people = sorted((employee() for _ in range(3)), key=lambda person: person.employee_id)
    await arrivals.take(*people)
    later = [person.model_copy(update={"version": 2}) for person in people]
    measured = [assessment(person.employee_id) for person in people]
    async with asyncio.TaskGroup() as batches, connection.transaction():
        # Both batches run into this lock; each holds what it has locked before.
        await connection.execute(
            "SELECT FROM derived.talent WHERE employee_id = $1 FOR UPDATE", people[1].employee_id
        )
        batches.create_task(arrivals.take(*later))
        batches.create_task(arrivals.take(*reversed(measured)))

        async def both_wait() -> bool:
            await connection.execute("SELECT pg_stat_clear_snapshot()")
            waiting = await connection.fetchval(WAITING)
            return bool(waiting == 2)

        await until(both_wait)
    rows = await connection.fetch("SELECT employee_version, assessment_version FROM derived.talent")
    assert [tuple(row) for row in rows] == [(2, 1)] * 3
