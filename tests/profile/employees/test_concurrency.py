"""Several who tell of the same people at the same time."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import httpx
import pytest

from services.profile.employees.schemas import EmployeeRow
from services.profile.employees.service import put_employees
from shared.db.session import Database
from shared.events.envelope import Cause
from shared.http.pressure import MOST_BATCHES
from tests.profile.told import NIP, employee, nip_of, row
from tests.shared.conditions import until

PATH = f"/v1/employees/{NIP}"


class _GivenUp(Exception):
    """Undoes what was done."""


async def versions_published(connection: Any) -> dict[str, list[int]]:
    """Versions by key, in the order in which the relay would publish them."""
    versions: dict[str, list[int]] = {}
    for each in await connection.fetch("SELECT key, version FROM source.outbox ORDER BY id"):
        versions.setdefault(each["key"], []).append(each["version"])
    return versions


async def somebody_waits(connection: Any) -> bool:
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))


async def test_the_second_of_two_creations_waits_and_becomes_an_update(
    database: Database,
    empty: None,
    cause: Cause,
    province: httpx.AsyncClient,
    connection: Any,
) -> None:
    first = EmployeeRow.model_validate(row(NIP, name="Yang Pertama"))
    async with database.transaction() as session:
        await put_employees(session, [first], covers=lambda _: True, cause=cause)
        second = asyncio.create_task(province.put(PATH, json=employee(name="Yang Kedua")))
        await until(lambda: somebody_waits(connection))
    answer = await second
    assert (answer.status_code, answer.json()["version"], answer.json()["name"]) == (200, 2, "Yang Kedua")
    assert list((await versions_published(connection)).values()) == [[1, 2]]


async def test_the_second_of_two_creations_creates_where_the_first_was_rolled_back(
    database: Database,
    empty: None,
    cause: Cause,
    province: httpx.AsyncClient,
    connection: Any,
) -> None:
    first = EmployeeRow.model_validate(row(NIP, name="Yang Pertama"))
    with suppress(_GivenUp):
        async with database.transaction() as session:
            await put_employees(session, [first], covers=lambda _: True, cause=cause)
            second = asyncio.create_task(province.put(PATH, json=employee(name="Yang Kedua")))
            await until(lambda: somebody_waits(connection))
            raise _GivenUp
    assert (await second).status_code == 201


async def test_the_version_is_asked_for_again_under_the_lock(
    database: Database,
    empty: None,
    cause: Cause,
    province: httpx.AsyncClient,
    connection: Any,
) -> None:
    await province.put(PATH, json=employee())
    first = EmployeeRow.model_validate(row(NIP, name="Yang Pertama"))
    async with database.transaction() as session:
        await put_employees(session, [first], covers=lambda _: True, cause=cause)
        second = asyncio.create_task(
            province.put(PATH, json=employee(name="Yang Kedua"), headers={"If-Match": '"1"'}),
        )
        await until(lambda: somebody_waits(connection))
    assert (await second).status_code == 412
    assert list((await versions_published(connection)).values()) == [[1, 2]]


async def test_what_changes_nothing_waits_for_nobody(
    database: Database,
    empty: None,
    cause: Cause,
    province: httpx.AsyncClient,
) -> None:
    await province.put(PATH, json=employee())
    changed = EmployeeRow.model_validate(row(NIP, name="Lain"))
    async with database.transaction() as session, asyncio.timeout(5):
        await put_employees(session, [changed], covers=lambda _: True, cause=cause)
        assert (await province.put(PATH, json=employee())).status_code == 200


async def test_batches_over_the_same_people_never_deadlock(
    province: httpx.AsyncClient,
    connection: Any,
) -> None:
    # New and known people in every order: with locks in another order this ends in deadlocks, answered by 503.
    chosen = random.Random(3)  # noqa: S311 - no secret
    known = [row(nip_of(number)) for number in range(0, 60, 2)]
    await province.post("/v1/employees:batch", json={"employees": known})
    at_once = asyncio.Semaphore(MOST_BATCHES)

    async def tell(round_: int) -> httpx.Response:
        people = chosen.sample(range(60), 40)
        rows = [row(nip_of(number), name=f"Putaran {round_}") for number in people]
        async with at_once:
            return await province.post("/v1/employees:batch", json={"employees": rows})

    answers = await asyncio.gather(*(tell(round_) for round_ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    versions = await versions_published(connection)
    assert all(each == list(range(1, len(each) + 1)) for each in versions.values())
    stored = await connection.fetch("SELECT employee_id::text, version FROM source.employee")
    assert {one["employee_id"]: one["version"] for one in stored} == {
        key: each[-1] for key, each in versions.items()
    }


@pytest.mark.parametrize("units", [1, 300], ids=["new people", "new units"])
async def test_every_batch_inserts_in_the_order_of_the_nips(
    province: httpx.AsyncClient, connection: Any, units: int
) -> None:
    await province.put("/v1/units/33.74-0", json={"region": "33.74", "name": "Unit"})
    for start in range(0, 1500, 300):
        rows = [row(nip_of(start + number), unit_id=f"33.74-{number % units}") for number in range(300)]
        answers = await asyncio.gather(
            *(province.post("/v1/employees:batch", json={"employees": each}) for each in (rows, rows[::-1], rows)),
        )
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        created = sum(answer.json()["counts"].get("created", 0) for answer in answers)
        assert created == 300
        # People and units of the next round are new again.
        await connection.execute("DELETE FROM source.employee; DELETE FROM source.unit WHERE unit_id <> '33.74-0'")
