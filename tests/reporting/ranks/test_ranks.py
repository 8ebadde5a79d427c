"""Ranks of people: exact in every scope, and shown to nobody outside the population."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.reporting.ranks.queries import find_ranks, scope_names
from services.reporting.ranks.rules import scopes_of
from services.reporting.ranks.schemas import EmployeeRanks
from shared.auth.caller import Population
from shared.auth.roles import EMPLOYEE, PROVINCE_OPERATOR
from shared.db.session import Database
from shared.http.after import token_of
from shared.testing.tokens import Issuer
from tests.reporting.conftest import Calling, FoldAll, Project
from tests.reporting.people import CAUSE, drawn, person, seeded, state_of

_NAIVE = """
    SELECT employee_id,
        rank() OVER (PARTITION BY region ORDER BY value DESC) AS region,
        rank() OVER (PARTITION BY region, unit_id ORDER BY value DESC) AS unit,
        rank() OVER (PARTITION BY region, level ORDER BY value DESC) AS level,
        rank() OVER (PARTITION BY left(region, 2) ORDER BY value DESC) AS province,
        rank() OVER (PARTITION BY left(region, 2), level ORDER BY value DESC) AS province_level,
        rank() OVER (ORDER BY value DESC) AS nation,
        rank() OVER (PARTITION BY level ORDER BY value DESC) AS nation_level,
        count(*) OVER (PARTITION BY region) AS region_size,
        count(*) OVER (PARTITION BY region, unit_id) AS unit_size,
        count(*) OVER (PARTITION BY region, level) AS level_size,
        count(*) OVER (PARTITION BY left(region, 2)) AS province_size,
        count(*) OVER (PARTITION BY left(region, 2), level) AS province_level_size,
        count(*) OVER () AS nation_size,
        count(*) OVER (PARTITION BY level) AS nation_level_size
    FROM derived.standing WHERE active AND value IS NOT NULL
"""
SCOPES = ("region", "unit", "level", "province", "province_level", "nation", "nation_level")


async def test_the_ranks_of_all_are_those_of_a_plain_sort(
    project: Project,
    fold_all: FoldAll,
    database: Database,
    connection: Any,
) -> None:
    chance = seeded(5)
    states = [drawn(chance, number, version) for version in (1, 2) for number in range(2000)]
    for start in range(0, len(states), 500):
        await project(states[start : start + 500])
    await fold_all()
    naive = {row["employee_id"]: row for row in await connection.fetch(_NAIVE)}
    assert 1300 < len(naive) < 2000
    async with database.reading() as session:
        for number in range(2000):
            found = await find_ranks(session, person(number), Population(regions=("33.*", "34.*")))
            assert found is not None
            expected = naive.get(person(number))
            if expected is None:
                assert found["scopes"] is None
                continue
            ranks = {scope: above + 1 for scope, above in zip(found["scopes"], found["above"], strict=True)}
            assert ranks == {scope: expected[scope] for scope in SCOPES}
            sizes = dict(zip(found["scopes"], found["sizes"], strict=True))
            assert sizes == {scope: expected[f"{scope}_size"] for scope in SCOPES}


@pytest.mark.parametrize("region", ["33", "33.74"])
async def test_the_database_names_scopes_as_the_rule_does(connection: Any, region: str) -> None:
    names = ", ".join(scope_names("person").values())
    query = f"SELECT {names} FROM (VALUES ($1, $2)) AS person (region, level)"
    assert tuple(await connection.fetchrow(query, region, "X")) == tuple(scopes_of(region, "X").values())


async def test_the_answer(project: Project, fold_all: FoldAll, province: httpx.AsyncClient) -> None:
    await project(
        [state_of(1, 4), state_of(2, talent_value="90.01"), state_of(3, unit_id="bkd", level="PELAKSANA")]
    )
    await fold_all()
    answer = await province.get(f"/v1/ranks/{person(1)}")
    body = answer.json()
    assert EmployeeRanks.model_validate_json(answer.content).model_dump_json().encode() == answer.content
    assert (body["value"], body["box"], body["region"], body["active"]) == (85.25, 9, "33.74", True)
    assert body["ranks"] == {
        "region": {"rank": 2, "size": 3},
        "unit": {"rank": 2, "size": 2},
        "level": {"rank": 2, "size": 2},
        "province": {"rank": 2, "size": 3},
        "province_level": {"rank": 2, "size": 2},
        "nation": {"rank": 2, "size": 3},
        "nation_level": {"rank": 2, "size": 2},
    }
    assert body["unranked_reason"] is None
    assert body["inputs"] == {"employee": 4, "assessment": 4, "talent": 4}
    assert body["causes"] == list(CAUSE.causes)
    assert body["freshness_ms"] >= 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"active": False}, "not_active"), ({"talent_value": None, "box": None}, "no_value")],
)
async def test_who_is_not_ranked_is_told_why(
    project: Project,
    fold_all: FoldAll,
    province: httpx.AsyncClient,
    changes: dict[str, Any],
    reason: str,
) -> None:
    await project([state_of(1, **changes), state_of(2)])
    await fold_all()
    answer = await province.get(f"/v1/ranks/{person(1)}")
    body = answer.json()
    assert EmployeeRanks.model_validate_json(answer.content).model_dump_json().encode() == answer.content
    assert (body["ranks"], body["unranked_reason"]["code"]) == (None, reason)
    other = (await province.get(f"/v1/ranks/{person(2)}")).json()
    assert other["ranks"]["region"] == {"rank": 1, "size": 1}


async def test_the_same_ranks_are_304_until_a_version_moves(
    project: Project,
    fold_all: FoldAll,
    province: httpx.AsyncClient,
) -> None:
    await project([state_of(1)])
    await fold_all()
    etag = (await province.get(f"/v1/ranks/{person(1)}")).headers["ETag"]
    assert (await province.get(f"/v1/ranks/{person(1)}", headers={"If-None-Match": etag})).status_code == 304
    await project([state_of(1, 2)])
    await fold_all()
    assert (await province.get(f"/v1/ranks/{person(1)}", headers={"If-None-Match": etag})).status_code == 200


async def test_a_read_waits_for_ones_own_write(
    project: Project,
    fold_all: FoldAll,
    province: httpx.AsyncClient,
) -> None:
    await project([state_of(1)])
    await fold_all()
    after = {"Talenta-After": token_of("assessment.results", person(1), 2), "Prefer": "wait=5"}
    reading = asyncio.create_task(province.get(f"/v1/ranks/{person(1)}", headers=after))
    await project([state_of(1, 2, talent_value="99")])
    assert not reading.done()
    await fold_all()
    assert (await reading).json()["value"] == 99.0


@pytest.mark.parametrize(
    ("regions", "units", "own", "seen"),
    [
        (("33.*",), (), None, {1, 2, 3}),
        (("33.74",), (), None, {1}),
        (("33",), (), None, {3}),
        (("34.*",), (), None, {4}),
        ((), ("bkd",), None, {2}),
        ((), (), 4, {4}),
        (("33.74",), ("bkd",), 4, {1, 2, 4}),
        ((), (), None, set()),
    ],
)
async def test_nobody_outside_the_population_exists(
    *,
    project: Project,
    fold_all: FoldAll,
    database: Database,
    regions: tuple[str, ...],
    units: tuple[str, ...],
    own: int | None,
    seen: set[int],
) -> None:
    await project(
        [
            state_of(1, region="33.74"),
            state_of(2, region="33.01", unit_id="bkd"),
            state_of(3, region="33"),
            state_of(4, region="34.71"),
        ],
    )
    await fold_all()
    population = Population(regions, units, None if own is None else person(own))
    async with database.reading() as session:
        found = {number for number in range(1, 5) if await find_ranks(session, person(number), population)}
    assert found == seen


async def test_an_employee_sees_himself_alone(
    project: Project,
    fold_all: FoldAll,
    calling: Calling,
    issuer: Issuer,
) -> None:
    await project([state_of(1), state_of(2)])
    await fold_all()
    employee = calling(issuer.token_for(EMPLOYEE, employee_id=person(1)))
    assert (await employee.get(f"/v1/ranks/{person(1)}")).status_code == 200
    hidden, unknown = [await employee.get(f"/v1/ranks/{other}") for other in (person(2), uuid4())]
    # A colleague and nobody are told apart by nothing.
    assert (hidden.status_code, hidden.json()["type"]) == (404, "/problems/employee_not_ranked")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/employee_not_ranked")


async def test_without_token_or_scope(calling: Calling, issuer: Issuer) -> None:
    path = f"/v1/ranks/{person(1)}"
    assert (await calling(None).get(path)).status_code == 401
    lacking = calling(issuer.token_for(PROVINCE_OPERATOR, regions=["33.*"], scopes=[]))
    assert (await lacking.get(path)).status_code == 403


async def test_an_id_that_is_none(province: httpx.AsyncClient) -> None:
    assert (await province.get("/v1/ranks/nobody")).status_code == 422
