"""Reading an employee's results and their history."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.auth.roles import EMPLOYEE, INTEGRATOR, PROVINCE_OPERATOR, Role
from tests.assessment.conftest import Arrive, CallAs
from tests.assessment.people import KENDAL, SEMARANG, employee, employee_id, score, talent


async def test_results_are_what_was_published_with_numbers_as_numbers(
    client: httpx.AsyncClient, arrive: Arrive
) -> None:
    await arrive(employee(1))
    await client.post("/v1/performance-scores", json=score(1))
    await client.post("/v1/talent-assessments", json=talent(1, jpm=93.47, potential=88))
    answer = await client.get(f"/v1/assessments/{employee_id(1)}")
    assert answer.status_code == 200
    results = answer.json()
    assert (results["employee_id"], results["version"]) == (str(employee_id(1)), 2)
    assert [part["predikat"] for part in results["performance"]] == ["BAIK"]
    assert (results["competency"]["jpm"], results["competency"]["category"]) == (93.47, "MS")
    assert (results["potential"]["score"], results["potential"]["category"]) == (88, "CUKUP_OPTIMAL")


async def test_employee_without_measurements_has_empty_results(client: httpx.AsyncClient, arrive: Arrive) -> None:
    await arrive(employee(1))
    answer = await client.get(f"/v1/assessments/{employee_id(1)}")
    assert answer.json() == {
        "employee_id": str(employee_id(1)),
        "version": 0,
        "performance": [],
        "competency": None,
        "potential": None,
    }


async def test_unchanged_results_are_not_sent_again(client: httpx.AsyncClient, arrive: Arrive) -> None:
    await arrive(employee(1))
    path = f"/v1/assessments/{employee_id(1)}"
    etag = (await client.get(path)).headers["ETag"]
    unchanged = await client.get(path, headers={"If-None-Match": etag})
    await client.post("/v1/performance-scores", json=score(1))
    changed = await client.get(path, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


async def test_history_holds_every_version_latest_first(client: httpx.AsyncClient, arrive: Arrive) -> None:
    await arrive(employee(1))
    await client.post("/v1/performance-scores", json=score(1, predikat="BAIK", document="SKP 1"))
    await client.post("/v1/talent-assessments", json=talent(1, jpm=80))
    await client.post("/v1/performance-scores", json=score(1, predikat="KURANG"))
    entries = (await client.get(f"/v1/assessments/{employee_id(1)}/history")).json()["items"]
    assert [(one["kind"], one["version"]) for one in entries] == [
        ("performance-score", 2),
        ("talent-assessment", 1),
        ("performance-score", 1),
    ]
    assert [one.get("predikat") for one in entries] == ["KURANG", None, "BAIK"]
    assert (entries[1]["jpm"], entries[1]["potential"], entries[2]["document"]) == (80, None, "SKP 1")


async def test_history_is_read_page_by_page(client: httpx.AsyncClient, arrive: Arrive) -> None:
    await arrive(employee(1))
    rows = [score(1, year) for year in range(2015, 2026)]
    await client.post("/v1/performance-scores:batch", json={"scores": rows})
    await client.post("/v1/talent-assessments", json=talent(1, jpm=80))
    path = f"/v1/assessments/{employee_id(1)}/history"
    whole = (await client.get(path)).json()["items"]
    assert len(whole) == 12
    pages: list[dict[str, Any]] = []
    following: str | None = f"{path}?limit=5"
    while following:
        answer = await client.get(following)
        pages += answer.json()["items"]
        following = answer.links.get("next", {}).get("url")
    assert pages == whole


@pytest.mark.parametrize(
    ("role", "population", "status"),
    [
        (INTEGRATOR, {"regions": [SEMARANG]}, 200),
        (INTEGRATOR, {"regions": ["33.*"]}, 200),
        (INTEGRATOR, {"regions": [KENDAL, SEMARANG]}, 200),
        (INTEGRATOR, {"regions": [KENDAL]}, 404),
        (INTEGRATOR, {"regions": ["33"]}, 404),
        (INTEGRATOR, {"regions": ["34.*"]}, 404),
        (INTEGRATOR, {"regions": []}, 404),
        (INTEGRATOR, {"employee_id": employee_id(1)}, 404),
        (PROVINCE_OPERATOR, {"regions": ["33.*"]}, 200),
        (EMPLOYEE, {"employee_id": employee_id(1)}, 200),
        (EMPLOYEE, {"employee_id": employee_id(2)}, 404),
        (EMPLOYEE, {"regions": ["33.*"]}, 404),
    ],
)
async def test_population_decides_who_may_read(
    call_as: CallAs, arrive: Arrive, role: Role, population: dict[str, Any], status: int
) -> None:
    await arrive(employee(1))
    caller = call_as(role, **population)
    for path in (f"/v1/assessments/{employee_id(1)}", f"/v1/assessments/{employee_id(1)}/history"):
        outside = await caller.get(path)
        unknown = await caller.get(path.replace(str(employee_id(1)), str(uuid4())))
        assert outside.status_code == status
        assert unknown.status_code == 404
        if status == 404:
            told = [one.json() | {"request_id": "", "trace_id": ""} for one in (outside, unknown)]
            assert told[0] == told[1]


@pytest.mark.parametrize("path", ["/v1/performance-scores", "/v1/talent-assessments:batch"])
@pytest.mark.parametrize("role", [PROVINCE_OPERATOR, EMPLOYEE])
async def test_only_who_may_write_writes(call_as: CallAs, role: Role, path: str) -> None:
    caller = call_as(role, regions=["33.*"], employee_id=employee_id(1))
    assert (await caller.post(path, json={})).status_code == 403
