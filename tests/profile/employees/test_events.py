"""The table says of every employee just what was published of him last."""

from typing import Any

import httpx

from services.profile.employees.events import PUBLISHED
from shared.db.session import Database
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
