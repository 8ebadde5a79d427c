"""One employee told over HTTP: what is answered, what is stored, what is published."""

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from shared.events.profile import EmployeeState
from tests.profile.told import NIP, PPPK_NIP, employee

PATH = f"/v1/employees/{NIP}"


async def published(connection: Any) -> list[EmployeeState]:
    rows = await connection.fetch("SELECT payload FROM source.outbox ORDER BY id")
    return [EmployeeState.model_validate_json(row["payload"]) for row in rows]


async def test_a_new_employee_is_created_and_published(province: httpx.AsyncClient, connection: Any) -> None:
    answer = await province.put(PATH, json=employee(unit_id="33.74-baru"))
    assert answer.status_code == 201
    body = answer.json()
    assert body | employee(unit_id="33.74-baru") | {"nip": NIP, "version": 1} == body | {
        "discipline": employee()["discipline"],
    }
    assert answer.headers["talenta-token"] == f"profile.employees/{body['employee_id']}@1"
    [state] = await published(connection)
    assert (str(state.employee_id), state.nip, state.version) == (body["employee_id"], NIP, 1)
    assert str(state.experience.years) == "6.50"


async def test_the_event_names_its_cause_and_carries_the_trace(
    province: httpx.AsyncClient, connection: Any
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    body = (await province.put(PATH, json=employee(), headers=headers)).json()
    row = await connection.fetchrow("SELECT * FROM source.outbox")
    assert (row["topic"], row["key"], row["version"]) == ("profile.employees", body["employee_id"], 1)
    assert row["causes"] == [f"employee/{body['employee_id']}"]
    assert row["traceparent"].startswith(f"00-{trace}-")
    assert row["origin_time"] == await connection.fetchval("SELECT updated_at FROM source.employee")


async def test_the_same_told_again_changes_nothing(province: httpx.AsyncClient, connection: Any) -> None:
    first = await province.put(PATH, json=employee())
    before = await connection.fetchrow("SELECT employee.*, xmin FROM source.employee")
    again = await province.put(PATH, json=employee(name=" Contoh Sintetis "))
    assert again.status_code == 200
    assert again.headers["talenta-token"] == first.headers["talenta-token"]
    assert await connection.fetchrow("SELECT employee.*, xmin FROM source.employee") == before
    assert len(await published(connection)) == 1


async def test_a_change_makes_the_next_version(province: httpx.AsyncClient, connection: Any) -> None:
    first = (await province.put(PATH, json=employee())).json()
    changed = await province.put(PATH, json=employee(education="S-3"))
    assert changed.status_code == 200
    assert changed.json() == first | {"education": "S-3", "version": 2, "warnings": []}
    assert changed.headers["talenta-token"] == f"profile.employees/{first['employee_id']}@2"
    assert [(state.version, state.education) for state in await published(connection)] == [(1, "S-2"), (2, "S-3")]


async def test_what_is_left_out_is_gone(province: httpx.AsyncClient) -> None:
    await province.put(PATH, json=employee())
    told = employee()
    del told["golongan"]
    assert (await province.put(PATH, json=told)).json()["golongan"] is None


async def test_what_was_told_is_what_is_read(province: httpx.AsyncClient) -> None:
    put = (await province.put(PATH, json=employee())).json()
    got = await province.get(PATH)
    assert got.status_code == 200
    assert got.json() | {"warnings": put["warnings"]} == put
    assert json.loads(got.text)["experience"]["years"] == 6.5


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("id", "golongan tidak lazim untuk jenis pegawai ini"),
        ("en", "the golongan is unusual for this kind of employee"),
    ],
)
async def test_oddities_are_taken_and_told(province: httpx.AsyncClient, language: str, message: str) -> None:
    await province.put("/v1/units/33.74-dinkes", json={"region": "33.74", "name": "Dinas Kesehatan"})
    told = employee(kind="PPPK", golongan="III/a")
    answer = await province.put(f"/v1/employees/{PPPK_NIP}", json=told, headers={"Accept-Language": language})
    assert answer.status_code == 201
    assert answer.json()["warnings"] == [{"code": "golongan_kind_mismatch", "message": message}]


async def test_an_unknown_unit_is_made_and_told_once(province: httpx.AsyncClient) -> None:
    first = (await province.put(PATH, json=employee())).json()
    assert [warning["code"] for warning in first["warnings"]] == ["unit_created"]
    unit = (await province.get("/v1/units/33.74-dinkes")).json()
    assert unit == {"unit_id": "33.74-dinkes", "region": "33.74", "name": "33.74-dinkes", "parent_id": None}
    assert (await province.put(PATH, json=employee(name="Lain"))).json()["warnings"] == []


async def test_somebody_moves_where_both_regions_are_reached(
    province: httpx.AsyncClient,
    semarang: httpx.AsyncClient,
    connection: Any,
) -> None:
    there = employee(region="33.01", unit_id="33.01-dinkes")
    await province.put(PATH, json=there)
    fetched = await semarang.put(PATH, json=employee())
    assert (fetched.status_code, fetched.json()["code"]) == (403, "outside_population")
    sent_away = await semarang.put(PATH, json=there)
    assert (sent_away.status_code, sent_away.json()["code"]) == (403, "outside_population")
    assert len(await published(connection)) == 1
    moved = await province.put(PATH, json=employee())
    assert (moved.status_code, moved.json()["region"], moved.json()["version"]) == (200, "33.74", 2)


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ('"1"', 200),
        ('"7", "1"', 200),
        ("*", 200),
        ('"2"', 412),
        ('W/"1"', 412),
        ("1", 412),
    ],
)
async def test_only_the_version_that_was_read_is_replaced(
    province: httpx.AsyncClient,
    if_match: str,
    status: int,
) -> None:
    await province.put(PATH, json=employee())
    answer = await province.put(PATH, json=employee(name="Lain"), headers={"If-Match": if_match})
    assert answer.status_code == status
    assert (await province.get(PATH)).json()["version"] == (2 if status == 200 else 1)


@pytest.mark.parametrize("if_match", ['"1"', "*"])
async def test_nobody_is_created_in_place_of_a_version(province: httpx.AsyncClient, if_match: str) -> None:
    answer = await province.put(PATH, json=employee(), headers={"If-Match": if_match})
    assert (answer.status_code, answer.json()["code"]) == (412, "version_differs")
    assert (await province.get(PATH)).status_code == 404


@dataclass(frozen=True)
class Bad:
    """A body that is refused with 422, and where."""

    body: dict[str, Any]
    code: str
    pointer: str
    location: str = "body"
    nip: str = NIP


BAD_INPUT = [
    Bad(employee(region="33.99"), "region_unknown", "/region"),
    Bad(employee(nik="3374"), "extra_forbidden", "/nik"),
    Bad(employee(post={"title": "Kepala"}), "missing", "/post/level"),
    Bad(employee(experience={"years": 6.125}), "decimal_max_places", "/experience/years"),
    Bad(employee(discipline=[{"level": "RINGAN"}]), "missing", "/discipline/0/imposed_on"),
    Bad(employee(name="Contoh\x00"), "string_pattern_mismatch", "/name"),
    Bad(employee(), "nip_kind_mismatch", "/nip", "path", PPPK_NIP),
    Bad(employee(), "nip_invalid", "/nip", "path", "198713122010011001"),
]


@pytest.mark.parametrize("bad", BAD_INPUT, ids=lambda bad: bad.code)
async def test_bad_input_is_told_where_and_nothing_is_written(
    province: httpx.AsyncClient,
    connection: Any,
    bad: Bad,
) -> None:
    answer = await province.put(f"/v1/employees/{bad.nip}", json=bad.body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    [error] = answer.json()["errors"]
    assert (error["code"], error["in"], error["pointer"]) == (bad.code, bad.location, bad.pointer)
    for table in ("employee", "unit", "outbox"):
        assert await connection.fetchval(f"SELECT count(*) FROM source.{table}") == 0


async def test_a_unit_of_another_region_is_refused(province: httpx.AsyncClient, connection: Any) -> None:
    await province.put("/v1/units/33.01-dinkes", json={"region": "33.01", "name": "Dinas Kesehatan"})
    answer = await province.put(PATH, json=employee(unit_id="33.01-dinkes"))
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["code"], error["pointer"]) == ("unit_elsewhere", "/unit_id")
    assert await published(connection) == []


async def test_a_body_that_is_no_json_is_refused(province: httpx.AsyncClient) -> None:
    answer = await province.put(PATH, content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
