"""Reading employees: one, and a government's, page by page."""

from typing import Any

import httpx
import pytest

from tests.profile.told import NIP, employee, nip_of, row

PATH = f"/v1/employees/{NIP}"


async def test_an_unknown_employee_is_not_found(province: httpx.AsyncClient) -> None:
    answer = await province.get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (404, "employee_not_found")


async def test_an_employee_elsewhere_is_answered_like_an_unknown_one(
    province: httpx.AsyncClient,
    semarang: httpx.AsyncClient,
) -> None:
    unknown = (await semarang.get(PATH)).json()
    await province.put(PATH, json=employee(region="33.01", unit_id="33.01-dinkes"))
    elsewhere = (await semarang.get(PATH)).json()
    for answer in (unknown, elsewhere):
        del answer["request_id"], answer["trace_id"]
    assert elsewhere == unknown


async def test_who_has_the_current_version_is_told_so(province: httpx.AsyncClient) -> None:
    await province.put(PATH, json=employee())
    etag = (await province.get(PATH)).headers["etag"]
    assert etag == '"1"'
    assert (await province.get(PATH, headers={"If-None-Match": etag})).status_code == 304
    await province.put(PATH, json=employee(name="Lain"))
    assert (await province.get(PATH, headers={"If-None-Match": etag})).status_code == 200


async def test_pages_hold_everybody_once_whatever_is_added_meanwhile(province: httpx.AsyncClient) -> None:
    for start in (0, 4):
        rows = [row(nip_of(number)) for number in range(start, start + 4)]
        await province.post("/v1/employees:batch", json={"employees": rows})
    await province.put(f"/v1/employees/{nip_of(99)}", json=employee(region="33.01", unit_id="33.01-x"))
    seen: list[str] = []
    address: str | None = "/v1/employees?region=33.74&limit=3"
    while address is not None:
        answer = await province.get(address)
        seen += [one["nip"] for one in answer.json()["items"]]
        address = answer.links.get("next", {}).get("url")
        if len(seen) == 3:
            await province.put(f"/v1/employees/{nip_of(8)}", json=employee())
    assert sorted(seen) == sorted(nip_of(number) for number in range(9))


async def test_a_listed_employee_looks_like_one_read_alone(province: httpx.AsyncClient) -> None:
    await province.put(PATH, json=employee())
    [listed] = (await province.get("/v1/employees?region=33.74")).json()["items"]
    assert listed == (await province.get(PATH)).json()


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 422, "invalid_input"),
        ("?region=33.*", 422, "invalid_input"),
        ("?region=33.99", 422, "invalid_input"),
        ("?region=33.74&limit=1001", 422, "invalid_input"),
        ("?region=33.74&after=x.y", 400, "invalid_cursor"),
    ],
)
async def test_a_list_that_cannot_be_asked_for(
    province: httpx.AsyncClient,
    query: str,
    status: int,
    code: str,
) -> None:
    answer = await province.get(f"/v1/employees{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_cursor_of_one_region_opens_no_other(province: httpx.AsyncClient) -> None:
    rows: list[Any] = [row(nip_of(number)) for number in range(3)]
    await province.post("/v1/employees:batch", json={"employees": rows})
    cursor = (await province.get("/v1/employees?region=33.74&limit=1")).json()["next"]
    answer = await province.get("/v1/employees", params={"region": "33.01", "after": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
