"""Units over HTTP."""

from typing import Any

import httpx
import pytest

DINKES = "/v1/units/33.74-dinkes"
BODY = {"region": "33.74", "name": "Dinas Kesehatan"}


async def put(client: httpx.AsyncClient, unit_id: str, **changes: Any) -> httpx.Response:
    return await client.put(f"/v1/units/{unit_id}", json=BODY | changes)


async def test_a_unit_is_created_read_and_renamed(semarang: httpx.AsyncClient) -> None:
    created = await semarang.put(DINKES, json=BODY)
    assert created.status_code == 201
    assert created.json() == {"unit_id": "33.74-dinkes", "parent_id": None, **BODY}
    renamed = await put(semarang, "33.74-dinkes", name="Dinas Kesehatan Kota")
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Dinas Kesehatan Kota")
    assert (await semarang.get(DINKES)).json() == renamed.json()


async def test_the_same_told_again_writes_nothing(semarang: httpx.AsyncClient, connection: Any) -> None:
    await semarang.put(DINKES, json=BODY)
    before = await connection.fetchrow("SELECT updated_at FROM source.unit")
    assert (await semarang.put(DINKES, json=BODY)).status_code == 200
    assert await connection.fetchrow("SELECT updated_at FROM source.unit") == before


async def test_units_are_listed_by_id_page_by_page(semarang: httpx.AsyncClient) -> None:
    for name in ("c", "a", "d", "b"):
        await put(semarang, name)
    seen: list[str] = []
    address: str | None = "/v1/units?region=33.74&limit=3"
    while address is not None:
        answer = await semarang.get(address)
        seen += [unit["unit_id"] for unit in answer.json()["items"]]
        address = answer.links.get("next", {}).get("url")
    assert seen == ["a", "b", "c", "d"]


async def test_a_unit_stays_in_its_region(province: httpx.AsyncClient) -> None:
    await put(province, "x")
    answer = await put(province, "x", region="33.01")
    assert (answer.status_code, answer.json()["code"]) == (422, "unit_region_fixed")
    assert (await province.get("/v1/units/x")).json()["region"] == "33.74"


async def test_units_form_a_tree(semarang: httpx.AsyncClient) -> None:
    await put(semarang, "top")
    assert (await put(semarang, "middle", parent_id="top")).status_code == 201
    assert (await put(semarang, "leaf", parent_id="middle")).json()["parent_id"] == "middle"
    assert (await put(semarang, "leaf", parent_id="top")).json()["parent_id"] == "top"


@pytest.mark.parametrize(
    ("unit_id", "parent_id"), [("top", "top"), ("top", "leaf"), ("top", "none"), ("top", "far")]
)
async def test_a_parent_that_does_not_fit_is_refused(
    province: httpx.AsyncClient,
    unit_id: str,
    parent_id: str,
) -> None:
    await put(province, "top")
    await put(province, "leaf", parent_id="top")
    await put(province, "far", region="33.01")
    answer = await put(province, unit_id, parent_id=parent_id)
    assert (answer.status_code, answer.json()["code"]) == (422, "unit_parent_invalid")
    assert answer.json()["errors"][0]["pointer"] == "/parent_id"
    assert (await province.get("/v1/units/top")).json()["parent_id"] is None


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"region": "33.99"}, "region_unknown", "/region"),
        ({"name": " "}, "string_too_short", "/name"),
        ({"head": "x"}, "extra_forbidden", "/head"),
    ],
)
async def test_bad_input_is_told_where(
    province: httpx.AsyncClient,
    connection: Any,
    changes: dict[str, Any],
    code: str,
    pointer: str,
) -> None:
    answer = await put(province, "33.74-dinkes", **changes)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["code"], error["pointer"]) == (code, pointer)
    assert await connection.fetchval("SELECT count(*) FROM source.unit") == 0
