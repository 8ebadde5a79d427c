"""The box map of a region: nine counts and those without a box."""

import asyncpg
import httpx
import pytest

from services.placement.nine_box.queries import counting
from shared.auth.caller import Population
from shared.db.session import Database
from tests.placement.arrivals import Arrivals
from tests.placement.people import assessment, employee, measure, year

PREDIKAT = {"SANGAT_BAIK": (9, 7, 4), "BAIK": (8, 5, 2), "BUTUH_PERBAIKAN": (6, 3, 1)}
MEASURED = (90, 50, 20)


async def test_counts_every_box_and_those_without(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    expected = {box: 0 for boxes in PREDIKAT.values() for box in boxes}
    for predikat, boxes in PREDIKAT.items():
        for measured, box in zip(MEASURED, boxes, strict=True):
            for _ in range(box):
                person = employee()
                years = [year(2025, predikat), year(2024, predikat)]
                measures = {"competency": measure("jpm", measured), "potential": measure("score", measured)}
                await arrivals.take(person, assessment(person.employee_id, performance=years, **measures))
                expected[box] += 1
    await arrivals.take(employee(), employee(), employee(region="33.72"))
    body = (await http.get("/v1/box-map/33.74")).json()
    assert [each["box"] for each in body["boxes"]] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert {each["box"]: each["count"] for each in body["boxes"]} == expected
    assert (body["total"], body["without_box"]) == (47, 2)
    assert (await http.get("/v1/box-map/33.*")).json()["without_box"] == 3


async def test_empty_region_has_nine_zeros(http: httpx.AsyncClient) -> None:
    body = (await http.get("/v1/box-map/33.01")).json()
    assert (len(body["boxes"]), body["total"], body["without_box"]) == (9, 0, 0)


@pytest.mark.parametrize("pattern", ["33.74", "33.*"])
async def test_counting_reads_the_index_alone(
    pattern: str, database: Database, connection: asyncpg.Connection
) -> None:
    statement = counting(pattern, Population(regions=("33.*",)))
    text = statement.compile(dialect=database.engine.dialect, compile_kwargs={"literal_binds": True})
    async with connection.transaction():
        # On an empty table every plan costs nothing: leave those that read the table no chance.
        await connection.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = await connection.fetch(f"EXPLAIN {text}")
    assert "Index Only Scan using ix_talent_region_policy_id_box" in str(plan)
