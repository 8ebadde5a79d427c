"""The table says of every employee just what was published of him last."""

from typing import Any

import httpx

from services.profile.employees.events import PUBLISHED, put_back
from services.profile.employees.queries import find_stored
from services.profile.employees.rules import Stored
from shared.db.session import Database
from shared.events.profile import EmployeeState
from tests.profile.told import NIP, OTHER_NIP, PPPK_NIP, employee
from tests.shared.states.rebuilt import published_last, rebuilt


async def test_employees_are_rebuilt_as_they_were_published(
    province: httpx.AsyncClient,
    database: Database,
    connection: Any,
) -> None:
    bare: dict[str, Any] = {
        "experience": {},
        "discipline": [],
        "golongan": None,
        "education": None,
        "retires_on": None,
    }
    await province.put(f"/v1/employees/{NIP}", json=employee())
    await province.put(f"/v1/employees/{NIP}", json=employee(name="Nama Lain"))
    await province.put(f"/v1/employees/{OTHER_NIP}", json=employee(**bare))
    await province.put(f"/v1/employees/{PPPK_NIP}", json=employee(kind="PPPK", golongan="X"))
    published = await published_last(connection, PUBLISHED)
    assert sorted(event.state.version for event in published.values()) == [1, 1, 2]
    assert await rebuilt(database, PUBLISHED) == published


async def test_what_a_restored_database_has_lost_is_put_back_as_it_was(
    province: httpx.AsyncClient, database: Database, connection: Any
) -> None:
    """All but whom somebody sent again before, and whose unit is another region's by now."""
    await province.put(f"/v1/employees/{NIP}", json=employee())
    await province.put(f"/v1/employees/{NIP}", json=employee(name="Nama Lain"))
    for nip in (OTHER_NIP, PPPK_NIP):
        await province.put(f"/v1/employees/{nip}", json=employee(kind="PPPK", golongan="X", unit_id=f"unit-{nip}"))
    lost = [
        EmployeeState.model_validate(event.state)
        for event in (await published_last(connection, PUBLISHED)).values()
    ]
    before = await _rows(database)
    await connection.execute("DELETE FROM source.outbox; DELETE FROM source.employee; DELETE FROM source.unit")
    await province.put(f"/v1/employees/{OTHER_NIP}", json=employee(kind="PPPK", golongan="X"))
    await province.put(f"/v1/units/unit-{PPPK_NIP}", json={"region": "33.01", "name": "Unit Lain"})
    await connection.execute("DELETE FROM source.outbox")
    async with database.transaction() as session:
        assert await put_back(session, lost) == 1
    after = await _rows(database)
    assert after[NIP] == before[NIP]
    assert after[OTHER_NIP].employee_id != before[OTHER_NIP].employee_id
    assert PPPK_NIP not in after
    # Others know him already; and who is told the same of him has nothing to add.
    answer = await province.put(f"/v1/employees/{NIP}", json=employee(name="Nama Lain"))
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert await connection.fetchval("SELECT count(*) FROM source.outbox") == 0


async def test_who_was_sent_again_before_gets_his_id_back_while_nobody_knows_the_new_one(
    province: httpx.AsyncClient, database: Database, connection: Any
) -> None:
    for nip in (NIP, OTHER_NIP):
        await province.put(f"/v1/employees/{nip}", json=employee())
    lost = [
        EmployeeState.model_validate(event.state)
        for event in (await published_last(connection, PUBLISHED)).values()
    ]
    before = await _rows(database)
    await connection.execute("DELETE FROM source.outbox; DELETE FROM source.employee")
    await province.put(f"/v1/employees/{OTHER_NIP}", json=employee())
    # A relay that worked has told others of him.
    await connection.execute("DELETE FROM source.outbox")
    for name in ("Nama Lain", "Nama Lagi"):
        await province.put(f"/v1/employees/{NIP}", json=employee(name=name))
    async with database.transaction() as session:
        assert await put_back(session, lost) == 1
    after = await _rows(database)
    assert (after[NIP].employee_id, after[NIP].version) == (before[NIP].employee_id, 2)
    assert after[OTHER_NIP].employee_id != before[OTHER_NIP].employee_id
    # What `after-restore` publishes next is his newest state, under the old id.
    assert await connection.fetchval("SELECT count(*) FROM source.outbox") == 0
    assert (await province.get(f"/v1/employees/{NIP}")).json()["name"] == "Nama Lagi"


async def _rows(database: Database) -> dict[str, Stored]:
    async with database.reading() as session:
        return await find_stored(session, [NIP, OTHER_NIP, PPPK_NIP])
