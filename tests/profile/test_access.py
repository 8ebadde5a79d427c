"""Who may do what to whom: every endpoint, role and population."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from shared.auth.roles import EMPLOYEE, INTEGRATOR, PROVINCE_OPERATOR
from shared.auth.scopes import Scope
from shared.testing.tokens import Issuer
from tests.profile.conftest import Calling
from tests.profile.told import NIP, OTHER_NIP, employee, row

UNIT = {"region": "33.74", "name": "Dinas Kesehatan"}
Request = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]

REQUESTS: dict[str, Request] = {
    "governments": lambda client: client.get("/v1/governments"),
    "unit": lambda client: client.get("/v1/units/33.74-dinkes"),
    "units": lambda client: client.get("/v1/units?region=33.74"),
    "put unit": lambda client: client.put("/v1/units/33.74-dinkes", json=UNIT),
    "employee": lambda client: client.get(f"/v1/employees/{NIP}"),
    "employees": lambda client: client.get("/v1/employees?region=33.74"),
    "put employee": lambda client: client.put(f"/v1/employees/{NIP}", json=employee()),
    "batch": lambda client: client.post("/v1/employees:batch", json={"employees": [row(NIP)]}),
}
READS = {"unit": 200, "units": 200, "employee": 200, "employees": 200}
NO_READS = dict.fromkeys(READS, 403)
WRITES = {"put unit": 200, "put employee": 200, "batch": 200}
NO_WRITES = dict.fromkeys(WRITES, 403)

MATRIX: dict[str, dict[str, int]] = {
    "nobody": dict.fromkeys(REQUESTS, 401),
    "integrator of the province": READS | WRITES,
    "integrator of Semarang": READS | WRITES,
    # A batch is taken as such; its row is refused, see below.
    "integrator of Cilacap": {
        "unit": 404,
        "units": 403,
        "employee": 404,
        "employees": 403,
        "put unit": 403,
        "put employee": 403,
        "batch": 200,
    },
    "integrator of nothing": {
        "unit": 404,
        "units": 403,
        "employee": 404,
        "employees": 403,
        "put unit": 403,
        "put employee": 403,
        "batch": 200,
    },
    "integrator who may only read": READS | NO_WRITES,
    "integrator who may only write": NO_READS | WRITES,
    "operator of the province": READS | NO_WRITES,
    "the employee himself": {"unit": 404, "units": 200, "employee": 200, "employees": 200} | NO_WRITES,
    "another employee": {"unit": 404, "units": 200, "employee": 404, "employees": 200} | NO_WRITES,
}
CASES = [(who, what) for who in MATRIX for what in REQUESTS]


@pytest_asyncio.fixture
async def employee_id(province: httpx.AsyncClient) -> UUID:
    """The employee of the matrix, who has a colleague."""
    await province.put(f"/v1/employees/{OTHER_NIP}", json=employee())
    return UUID((await province.put(f"/v1/employees/{NIP}", json=employee())).json()["employee_id"])


@pytest.fixture
def callers(calling: Calling, issuer: Issuer, employee_id: UUID) -> dict[str, httpx.AsyncClient]:
    def integrator(*regions: str, scopes: list[Scope] | None = None) -> httpx.AsyncClient:
        return calling(issuer.token_for(INTEGRATOR, regions=regions, scopes=scopes))

    return {
        "nobody": calling(None),
        "integrator of the province": integrator("33.*"),
        "integrator of Semarang": integrator("33.74"),
        "integrator of Cilacap": integrator("33.01"),
        "integrator of nothing": integrator(),
        "integrator who may only read": integrator("33.*", scopes=[Scope.PROFILE_READ]),
        "integrator who may only write": integrator("33.*", scopes=[Scope.PROFILE_WRITE]),
        "operator of the province": calling(issuer.token_for(PROVINCE_OPERATOR, regions=["33.*"])),
        "the employee himself": calling(issuer.token_for(EMPLOYEE, employee_id=employee_id)),
        "another employee": calling(issuer.token_for(EMPLOYEE, employee_id=UUID(int=7 << 76 | 2 << 62))),
    }


@pytest.mark.parametrize(("who", "what"), CASES)
async def test_every_endpoint_answers_each_caller_as_he_is_entitled(
    callers: dict[str, httpx.AsyncClient],
    who: str,
    what: str,
) -> None:
    answer = await REQUESTS[what](callers[who])
    assert answer.status_code == (200 if what == "governments" else MATRIX[who][what])


@pytest.mark.parametrize("who", ["integrator of Cilacap", "integrator of nothing"])
async def test_a_row_outside_the_population_is_refused(callers: dict[str, httpx.AsyncClient], who: str) -> None:
    [result] = (await REQUESTS["batch"](callers[who])).json()["results"]
    assert (result["status"], result["problem"]["code"]) == (403, "outside_population")


@pytest.mark.parametrize(
    ("who", "nips"),
    [
        ("integrator of Semarang", {NIP, OTHER_NIP}),
        ("the employee himself", {NIP}),
        ("another employee", set()),
    ],
)
async def test_a_list_holds_just_whom_the_caller_may_see(
    callers: dict[str, httpx.AsyncClient],
    who: str,
    nips: set[str],
) -> None:
    items = (await REQUESTS["employees"](callers[who])).json()["items"]
    assert {item["nip"] for item in items} == nips


async def test_an_employee_has_no_list_of_units(callers: dict[str, httpx.AsyncClient]) -> None:
    assert (await REQUESTS["units"](callers["the employee himself"])).json()["items"] == []
