"""One region over HTTP."""

from typing import Any

import httpx
import pytest

from shared.auth.roles import EMPLOYEE, PROVINCE_OPERATOR
from shared.testing.tokens import Issuer
from tests.reporting.conftest import Calling, FoldAll, Project
from tests.reporting.people import CAUSE, person, state_of


async def test_the_standing_of_a_region(project: Project, fold_all: FoldAll, province: httpx.AsyncClient) -> None:
    await project([state_of(1), state_of(2, y=None, box=None), state_of(3, active=False)])
    await fold_all()
    standing = (await province.get("/v1/regions/33.74/standing")).json()
    assert (standing["region_code"], standing["rank"], standing["version"]) == ("33.74", 1, 1)
    assert standing["counts"] == {
        "active": 2,
        "with_value": 2,
        "with_x": 2,
        "with_y": 1,
        "boxed": 1,
        "in_pool": 2,
    }
    performance, potential, coverage, *_ = standing["components"]
    assert (performance["numerator"], performance["denominator"], performance["value"]) == (90.0, 1, 90.0)
    assert (potential["numerator"], potential["denominator"], potential["value"]) == (161.0, 2, 80.5)
    assert (coverage["numerator"], coverage["denominator"], coverage["value"]) == (1.0, 2, 50.0)
    assert standing["causes"] == list(CAUSE.causes)
    assert standing["policy"]["least_coverage"] == 50


async def test_a_region_without_data_is_not_found(province: httpx.AsyncClient) -> None:
    answer = await province.get("/v1/regions/33.75/standing")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/region_not_found")


async def test_the_top_of_a_region(project: Project, fold_all: FoldAll, province: httpx.AsyncClient) -> None:
    values = {1: "80", 2: "95.5", 3: "95.50", 4: "70", 5: "99", 6: "95.49"}
    await project(
        [
            *(state_of(number, talent_value=value) for number, value in values.items()),
            state_of(7, talent_value=None),
            state_of(8, talent_value="100", active=False),
            state_of(9, talent_value="100", region="33.01"),
        ],
    )
    await fold_all()
    top = (await province.get("/v1/regions/33.74/top", params={"limit": 4})).json()
    assert [(one["employee_id"], one["rank"], one["value"]) for one in top["employees"]] == [
        (str(person(5)), 1, 99.0),
        (str(person(2)), 2, 95.5),
        (str(person(3)), 2, 95.5),
        (str(person(6)), 4, 95.49),
    ]
    assert top["size"] == 6


async def test_the_top_of_nobody(province: httpx.AsyncClient) -> None:
    top = (await province.get("/v1/regions/33.74/top")).json()
    assert (top["employees"], top["size"]) == ([], 0)


@pytest.mark.parametrize("what", ["standing", "top"])
async def test_unchanged_is_304(
    project: Project, fold_all: FoldAll, province: httpx.AsyncClient, what: str
) -> None:
    await project([state_of(1)])
    await fold_all()
    path = f"/v1/regions/33.74/{what}"
    etag = (await province.get(path)).headers["ETag"]
    assert (await province.get(path, headers={"If-None-Match": etag})).status_code == 304
    await project([state_of(1, 2, talent_value="1", x="1")])
    await fold_all()
    assert (await province.get(path, headers={"If-None-Match": etag})).status_code == 200


@pytest.mark.parametrize("what", ["standing", "top"])
@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"regions": ["33.*"]}, 200),
        ({"regions": ["33.74"]}, 200),
        ({"regions": ["33"]}, 403),
        ({"regions": ["34.*", "33.01"]}, 403),
        ({"regions": []}, 403),
    ],
)
async def test_only_who_may_touch_the_whole_region(
    *,
    project: Project,
    fold_all: FoldAll,
    calling: Calling,
    issuer: Issuer,
    what: str,
    claims: dict[str, Any],
    status: int,
) -> None:
    await project([state_of(1)])
    await fold_all()
    client = calling(issuer.token_for(PROVINCE_OPERATOR, **claims))
    assert (await client.get(f"/v1/regions/33.74/{what}")).status_code == status


async def test_an_employee_does_not_read_his_region(project: Project, calling: Calling, issuer: Issuer) -> None:
    employee = calling(issuer.token_for(EMPLOYEE, employee_id=person(1), regions=["33.74"]))
    assert (await employee.get("/v1/regions/33.74/top")).status_code == 403


@pytest.mark.parametrize("path", ["/v1/regions/Semarang/standing", "/v1/regions/33.74/top?limit=0"])
async def test_what_is_no_code_or_limit_is_refused(province: httpx.AsyncClient, path: str) -> None:
    assert (await province.get(path)).status_code == 422
