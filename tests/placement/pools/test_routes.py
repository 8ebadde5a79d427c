"""The pool of a region: who stands in it, in which order, page by page."""

from decimal import Decimal

import httpx

from tests.placement.arrivals import Arrivals
from tests.placement.people import assessment, employee, measure


async def _fill(arrivals: Arrivals, potentials: list[int], region: str = "33.74") -> None:
    people = [employee(region=region) for _ in potentials]
    measured = [
        assessment(person.employee_id, potential=measure("score", score))
        for person, score in zip(people, potentials, strict=True)
    ]
    await arrivals.take(*people, *measured)


async def test_members_come_by_value_then_by_id(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    await _fill(arrivals, [90, 70, 90, 100, 70, 90])
    items = (await http.get("/v1/pools/33.74")).json()["items"]
    assert [item["talent_value"] for item in items] == [88.38, 86.75, 86.75, 86.75, 83.5, 83.5]
    assert items == sorted(items, key=lambda item: (-item["talent_value"], item["employee_id"]))


async def test_pages_meet_without_gap_or_repetition(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    await _fill(arrivals, [90] * 7)
    whole = (await http.get("/v1/pools/33.74")).json()["items"]
    paged, address = [], "/v1/pools/33.74?limit=3"
    while address:
        answer = await http.get(address)
        paged += answer.json()["items"]
        address = answer.links.get("next", {}).get("url", "")
    assert paged == whole
    assert len(paged) == 7


async def test_only_eligible_members_of_the_succession_boxes_stand_in_it(
    arrivals: Arrivals,
    http: httpx.AsyncClient,
) -> None:
    vetoed, low, member = employee(kind="PPPK"), employee(), employee()
    await arrivals.take(
        *(vetoed, low, member),
        assessment(vetoed.employee_id),
        assessment(low.employee_id, competency=measure("jpm", 40), potential=measure("score", 50)),
        assessment(member.employee_id),
    )
    items = (await http.get("/v1/pools/33.74")).json()["items"]
    assert [item["employee_id"] for item in items] == [str(member.employee_id)]
    assert items[0]["box"] == 8
    await arrivals.take(employee(member.employee_id, version=2, kedudukan_hukum="99"))
    assert (await http.get("/v1/pools/33.74")).json()["items"] == []


async def test_province_takes_in_all_its_regions(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    await _fill(arrivals, [90], "33.72")
    await _fill(arrivals, [100, 80], "33.74")
    await _fill(arrivals, [95], "33")
    answer = (await http.get("/v1/pools/33.*")).json()["items"]
    assert [item["region"] for item in answer] == ["33.74", "33", "33.72", "33.74"]
    assert [item["region"] for item in (await http.get("/v1/pools/33")).json()["items"]] == ["33"]
    assert Decimal(str(answer[0]["talent_value"])) == Decimal("88.38")
