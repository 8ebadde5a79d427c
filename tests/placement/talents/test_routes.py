"""One talent and lists of them, as different callers see them."""

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest

from shared.auth.roles import EMPLOYEE, INTEGRATOR, PROVINCE_OPERATOR, Role
from tests.placement.arrivals import Arrivals, received
from tests.placement.conftest import Headers
from tests.placement.people import NAME, NIP, assessment, employee, punishment

ID = UUID("0198c0de-0000-7000-8000-000000000001")
OTHER = UUID("0198c0de-0000-7000-8000-000000000002")


async def test_talent_tells_the_result_and_what_it_came_from(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    discipline = [punishment("SEDANG", "2026-06-01")]
    await arrivals.take(
        received(employee(ID, version=4, discipline=discipline), "employee/1"),
        received(assessment(ID, version=7), "performance-score/9"),
    )
    body = (await http.get(f"/v1/talents/{ID}")).json()
    assert (body["x"], body["y"], body["talent_value"], body["box"]) == (86.0, 80.0, 83.0, 8)
    assert body["category"]["id"] == "Kinerja sesuai ekspektasi dan potensial tinggi"
    assert "Kelompok Rencana Suksesi" in body["recommendation"]["id"]
    assert (body["eligible"], body["in_pool"]) == (False, False)
    assert [veto["code"] for veto in body["vetoes"]] == ["recent_punishment"]
    assert body["vetoes"][0]["text"] == {
        "id": "Hukuman disiplin dijatuhkan belum lama ini",
        "en": "A disciplinary punishment was imposed recently",
    }
    assert body["inputs"] == {"employee": 4, "assessment": 7}
    assert body["policy_id"] == "talenta-default-1"
    assert set(body["causes"]) == {"employee/1", "performance-score/9"}
    assert body["freshness_ms"] > 0
    assert NIP not in str(body)
    assert NAME not in str(body)


async def test_talent_without_a_box_says_why(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    await arrivals.take(employee(ID))
    body = (await http.get(f"/v1/talents/{ID}")).json()
    assert (body["box"], body["category"], body["talent_value"]) == (None, None, None)
    assert [reason["code"] for reason in body["no_box_reasons"]] == [
        "competency_missing",
        "potential_missing",
        "performance_missing",
    ]


async def test_unknown_and_not_yet_known_employees_are_not_found(
    arrivals: Arrivals, http: httpx.AsyncClient
) -> None:
    await arrivals.take(assessment(ID))
    for employee_id in (ID, uuid4()):
        answer = await http.get(f"/v1/talents/{employee_id}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/talent_not_found")


POPULATIONS = [
    (PROVINCE_OPERATOR, ("33.*",), None, 200),
    (PROVINCE_OPERATOR, ("33.74",), None, 200),
    (PROVINCE_OPERATOR, ("33.72",), None, 404),
    (PROVINCE_OPERATOR, ("33",), None, 404),
    (PROVINCE_OPERATOR, ("34.*",), None, 404),
    (PROVINCE_OPERATOR, (), None, 404),
    (INTEGRATOR, ("33.74",), None, 200),
    (INTEGRATOR, ("33.72",), None, 404),
    (EMPLOYEE, (), ID, 200),
    (EMPLOYEE, (), OTHER, 404),
    # The claim of regions means nothing for the role of an employee.
    (EMPLOYEE, ("33.*",), OTHER, 404),
]


@pytest.mark.parametrize("path", ["", "/explanation"])
@pytest.mark.parametrize(("role", "regions", "employee_id", "status"), POPULATIONS)
async def test_talent_is_found_by_whose_population_it_is_in(
    *,
    path: str,
    role: Role,
    regions: tuple[str, ...],
    employee_id: UUID | None,
    status: int,
    arrivals: Arrivals,
    http: httpx.AsyncClient,
    as_role: Headers,
) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    headers = as_role(role, regions=regions, employee_id=employee_id)
    assert (await http.get(f"/v1/talents/{ID}{path}", headers=headers)).status_code == status


@pytest.mark.parametrize("path", ["/v1/talents?region={}", "/v1/pools/{}", "/v1/box-map/{}"])
@pytest.mark.parametrize(
    ("role", "regions", "asked", "status"),
    [
        (PROVINCE_OPERATOR, ("33.*",), "33.*", 200),
        (PROVINCE_OPERATOR, ("33.*",), "33.74", 200),
        (PROVINCE_OPERATOR, ("33.74",), "33.74", 200),
        (PROVINCE_OPERATOR, ("33.74",), "33.*", 403),
        (PROVINCE_OPERATOR, ("33.74",), "33.72", 403),
        (PROVINCE_OPERATOR, ("33",), "33.74", 403),
    ],
)
async def test_region_is_open_to_whose_population_covers_it(
    *,
    path: str,
    role: Role,
    regions: tuple[str, ...],
    asked: str,
    status: int,
    http: httpx.AsyncClient,
    as_role: Headers,
) -> None:
    answer = await http.get(path.format(asked), headers=as_role(role, regions=regions, employee_id=ID))
    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/v1/pools/33.74", "/v1/box-map/33.74"])
async def test_what_is_about_a_whole_region_is_refused_to_an_employee(
    path: str, http: httpx.AsyncClient, as_role: Headers
) -> None:
    answer = await http.get(path, headers=as_role(EMPLOYEE, employee_id=ID))
    assert (answer.status_code, answer.json()["code"]) == (403, "outside_population")


@pytest.mark.parametrize(("region", "listed"), [("33.74", [str(ID)]), ("33.*", [str(ID)]), ("33.72", [])])
async def test_list_shows_employees_their_own_record(
    region: str, listed: list[str], arrivals: Arrivals, http: httpx.AsyncClient, as_role: Headers
) -> None:
    await arrivals.take(employee(ID), employee(OTHER), employee(region="33.72"))
    answer = await http.get("/v1/talents", params={"region": region}, headers=as_role(EMPLOYEE, employee_id=ID))
    assert [item["employee_id"] for item in answer.json()["items"]] == listed


async def test_list_is_refused_to_who_may_see_nobody(http: httpx.AsyncClient, as_role: Headers) -> None:
    answer = await http.get("/v1/talents?region=33.74", headers=as_role(EMPLOYEE))
    assert answer.status_code == 403


async def test_without_a_token_nobody_is_told(http: httpx.AsyncClient) -> None:
    for path in (f"/v1/talents/{ID}", f"/v1/talents/{ID}/explanation", "/v1/pools/33.74", "/v1/box-map/33.74"):
        assert (await http.get(path, headers={"Authorization": ""})).status_code == 401


async def test_list_pages_through_a_region_by_key(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    people = [employee() for _ in range(5)]
    await arrivals.take(*people, employee(region="33.72"))
    first = await http.get("/v1/talents", params={"region": "33.74", "limit": 3})
    body = first.json()
    second = (await http.get(first.links["next"]["url"])).json()
    ids = [item["employee_id"] for item in body["items"] + second["items"]]
    assert ids == sorted(str(person.employee_id) for person in people)
    assert second["next"] is None
    everybody = (await http.get("/v1/talents", params={"region": "33.*"})).json()
    assert len(everybody["items"]) == 6


async def test_cursor_of_another_region_is_refused(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    await arrivals.take(*(employee() for _ in range(3)))
    cursor = (await http.get("/v1/talents", params={"region": "33.74", "limit": 2})).json()["next"]
    answer = await http.get("/v1/talents", params={"region": "33.72", "limit": 2, "after": cursor})
    assert answer.status_code == 400


async def test_etag_saves_the_answer_until_the_talent_changes(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    await arrivals.take(employee(ID))
    paths = (f"/v1/talents/{ID}", f"/v1/talents/{ID}/explanation", "/v1/talents?region=33.74", "/v1/box-map/33.74")
    tags = [(await http.get(path)).headers["etag"] for path in paths]
    assert len(set(tags)) == len(tags)
    for path, etag in zip(paths, tags, strict=True):
        assert (await http.get(path, headers={"If-None-Match": etag})).status_code == 304
    await arrivals.take(assessment(ID))
    for path, etag in zip(paths, tags, strict=True):
        assert (await http.get(path, headers={"If-None-Match": etag})).status_code == 200


async def test_read_waits_for_the_write_it_names(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    await arrivals.take(employee(ID))
    after = {"Talenta-After": f"assessment.results/{ID}@2"}
    assert (await http.get(f"/v1/talents/{ID}", headers=after)).status_code == 202
    waiting = asyncio.create_task(http.get(f"/v1/talents/{ID}", headers=after | {"Prefer": "wait=10"}))
    await arrivals.take(assessment(ID, version=2))
    answer = await waiting
    assert (answer.status_code, answer.json()["box"]) == (200, 8)


@pytest.mark.parametrize(
    ("token", "status"),
    [
        (f"profile.employees/{ID}@1", 200),
        (f"placement.talents/{ID}@1", 200),
        (f"profile.employees/{ID}@2", 202),
        (f"profile.employees/{OTHER}@1", 202),
        ("profile.employees/no-uuid@1", 202),
        (f"reporting.standings/{ID}@1", 202),
    ],
)
async def test_only_what_was_taken_in_is_reached(
    token: str,
    status: int,
    arrivals: Arrivals,
    http: httpx.AsyncClient,
) -> None:
    await arrivals.take(employee(ID))
    answer = await http.get("/v1/box-map/33.74", headers={"Talenta-After": token})
    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/v1/talents/no-uuid", "/v1/talents", "/v1/pools/3374", "/v1/box-map/33.7"])
async def test_malformed_input_is_told_with_its_place(path: str, http: httpx.AsyncClient) -> None:
    answer = await http.get(path)
    assert answer.status_code == 422
    assert answer.json()["errors"]
