"""Every talent is evaluated again: what is as it should be passes, whatever a row was postponed or waits for."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from services.placement.talents.rules import KEPT
from services.placement.talents.service import reevaluate_due
from services.placement.verification import service
from services.placement.verification.queries import EMPLOYEES, RESULTS
from services.placement.verification.service import examine_talents
from shared.db.session import Database
from shared.verification.differences import Difference, Kind
from shared.verification.examination import Examination
from shared.verification.held import BEGINNING, next_range
from tests.placement.arrivals import Arrivals
from tests.placement.people import assessment, employee, punishment

ID: Final = UUID("0198c0de-0000-7000-8000-000000000001")


async def examine(database: Database) -> Examination:
    examination = Examination("derived.talent", database)
    await examine_talents(examination)
    return examination


async def fields(database: Database) -> dict[str, tuple[Any, Any]]:
    """Of the one difference there is, or of none."""
    examination = await examine(database)
    found: list[Difference] = examination.differences
    assert len(found) <= 1
    assert {(one.kind, one.key) for one in found} <= {(Kind.DERIVATION, str(ID))}
    return dict(found[0].fields) if found else {}


def test_the_view_holds_what_is_kept_of_an_employee() -> None:
    assert {field.partition(".")[0] for field in EMPLOYEES.view.fields} == KEPT


async def test_all_rows_are_looked_at_slice_by_slice(
    arrivals: Arrivals, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SLICE", 2)
    people = [employee() for _ in range(5)]
    await arrivals.take(*people, *(assessment(one.employee_id) for one in people[:3]))
    examination = await examine(database)
    assert (examination.compared, examination.count) == (5, 0)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("x = x + 0.0001", {"x"}),
        ("in_pool = NOT in_pool", {"in_pool"}),
        ("box = NULL, no_box_reasons = '{competency_missing}'", {"box", "no_box_reasons"}),
        ("region = '33.75'", {"region"}),
        ("evaluated_on = NULL", {"evaluated_on"}),
    ],
)
async def test_what_does_not_follow_from_the_inputs_is_found(
    arrivals: Arrivals, database: Database, connection: asyncpg.Connection, change: str, found: set[str]
) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    await connection.execute(f"UPDATE derived.talent SET {change}")
    assert (await fields(database)).keys() == found


async def test_a_changed_input_is_found_by_what_follows_from_it(
    arrivals: Arrivals, database: Database, connection: asyncpg.Connection
) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    await connection.execute("""UPDATE derived.talent SET employee = employee || '{"kedudukan_hukum": "99"}'""")
    assert (await fields(database)).keys() == {"active", "eligible", "vetoes", "in_pool"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("""employee = employee || '{"education": "X"}'""", "education: enum"),
        ("""employee = employee || '{"retires_on": "soon"}'""", "retires_on: date_from_datetime_parsing"),
        ("""assessment = jsonb_set(assessment, '{competency,jpm}', '"many"')""", "InvalidOperation"),
        ("""assessment = jsonb_set(assessment, '{potential,valid_until}', 'null')""", "TypeError"),
        ("""assessment = jsonb_set(assessment, '{performance}', '{}')""", "tuple_type"),
    ],
)
async def test_a_row_that_the_contract_cannot_read_is_named_and_hides_no_other(
    arrivals: Arrivals, database: Database, connection: asyncpg.Connection, change: str, why: str
) -> None:
    people = [employee(ID), employee(), employee()]
    await arrivals.take(*people, *(assessment(one.employee_id) for one in people))
    await connection.execute(f"UPDATE derived.talent SET {change} WHERE employee_id = $1", ID)
    await connection.execute("UPDATE derived.talent SET box = 1 WHERE employee_id <> $1", ID)
    examination = await examine(database)
    assert (examination.compared, examination.count) == (3, 3)
    [cause] = [one.cause for one in examination.differences if one.key == str(ID)]
    assert cause.startswith("cannot be read by the contract (")
    assert why in cause
    async with database.reading() as session:
        for held in (EMPLOYEES, RESULTS):
            assert (await next_range(session, held, BEGINNING, 10)).states == 3


async def test_an_assessment_that_waits_for_its_employee_has_no_result(
    arrivals: Arrivals, database: Database, connection: asyncpg.Connection
) -> None:
    await arrivals.take(assessment(ID))
    assert await fields(database) == {}
    await connection.execute("UPDATE derived.talent SET box = 9, version = 1")
    assert await fields(database) == {"box": (None, 9), "version": (0, 1)}


async def test_a_row_that_was_postponed_is_as_it_should_be(
    arrivals: Arrivals, database: Database, connection: asyncpg.Connection
) -> None:
    # On the day of the punishment nothing changed, for there is no box: the row kept the day of its evaluation.
    await arrivals.take(employee(ID, discipline=[punishment("RINGAN", "2026-06-01")]))
    await connection.execute("UPDATE derived.talent SET evaluated_on = '2026-01-05'")
    assert await fields(database) == {}
    postponed = (await arrivals.row(ID))["next_change_on"]
    for wrong in (postponed - timedelta(days=1), postponed + timedelta(days=1), None):
        await connection.execute("UPDATE derived.talent SET next_change_on = $1", wrong)
        assert (await fields(database)).keys() == {"next_change_on"}
    # Not postponed yet: the job has not come to it.
    await connection.execute("UPDATE derived.talent SET next_change_on = '2026-06-01'")
    assert await fields(database) == {}


async def test_a_policy_that_is_in_force_no_longer_is_told_as_a_re_evaluation_under_way(
    arrivals: Arrivals, database: Database, connection: asyncpg.Connection
) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    today = (await arrivals.row(ID))["evaluated_on"]
    tomorrow = today + timedelta(days=1)
    await connection.execute("INSERT INTO source.policy_in_force VALUES ('33.74', $1, 'djbk-2026')", tomorrow)
    assert await fields(database) == {}
    await connection.execute("UPDATE source.policy_in_force SET effective_from = $1 WHERE region = '33.74'", today)
    examination = await examine(database)
    assert [one.fields for one in examination.differences] == [{"policy_id": ("djbk-2026", "talenta-default-1")}]
    assert "re-evaluation is under way" in examination.differences[0].cause
    await reevaluate_due(database, 10)
    assert await fields(database) == {}
    await connection.execute("UPDATE derived.talent SET policy_id = 'nobody-knows'")
    assert await fields(database) == {"policy_id": ("djbk-2026", "nobody-knows")}
