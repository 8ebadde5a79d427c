"""Handing in talent assessments."""

from typing import Any

import asyncpg
import httpx
import pytest

from tests.assessment.conftest import Arrive
from tests.assessment.events import published
from tests.assessment.people import employee, employee_id, talent

ONE = "/v1/talent-assessments"
MANY = "/v1/talent-assessments:batch"


async def test_assessment_is_in_force_at_once_for_three_years(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    answer = await client.post(ONE, json=talent(1, jpm=138.89, potential=77.9999))
    assert answer.status_code == 201
    assert answer.headers["Talenta-Token"] == f"assessment.results/{employee_id(1)}@1"
    [event] = await published(connection)
    measured = {
        "assessment_id": answer.json()["id"],
        "assessed_on": "2025-05-20",
        "valid_until": "2028-05-20",
    }
    assert event.causes == [f"talent-assessment/{answer.json()['id']}"]
    assert event.state["competency"] == {**measured, "jpm": "138.8900", "category": "MS"}
    assert event.state["potential"] == {**measured, "score": "77.9999", "category": "KURANG_OPTIMAL"}


async def test_part_left_out_says_nothing(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    first = (await client.post(ONE, json=talent(1, jpm=81.5))).json()
    second = (await client.post(ONE, json=talent(1, potential=90))).json()
    repeated = [await client.post(ONE, json=body) for body in (talent(1, jpm=81.50), talent(1, potential=90.0))]
    assert (first["outcome"], second["outcome"]) == ("created", "updated")
    assert [(one.status_code, one.json()["outcome"]) for one in repeated] == [(200, "unchanged")] * 2
    state = (await published(connection))[-1].state
    assert state["version"] == 2
    assert state["competency"]["assessment_id"] == first["id"]
    assert state["potential"]["assessment_id"] == second["id"]


async def test_older_assessment_never_displaces_a_newer(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    newer = await client.post(ONE, json=talent(1, "2025-05-20", jpm=70, potential=70))
    older = await client.post(ONE, json=talent(1, "2022-05-20", jpm=90, potential=90))
    assert (older.status_code, older.json()["outcome"]) == (201, "created")
    assert older.headers["Talenta-Token"] == newer.headers["Talenta-Token"]
    assert [event.version for event in await published(connection)] == [1]


async def test_batch_takes_the_good_rows(client: httpx.AsyncClient, arrive: Arrive) -> None:
    await arrive(employee(1))
    rows = [talent(1, jpm=80), talent(1), talent(1, jpm=-1), talent(2, jpm=80), talent(1, "2025-05-21", jpm=81)]
    answer = (await client.post(MANY, json={"assessments": rows})).json()
    assert [one["outcome"] for one in answer["results"]] == [
        "created",
        "rejected",
        "rejected",
        "received",
        "created",
    ]
    assert {one["token"] for one in answer["results"]} == {None, f"assessment.results/{employee_id(1)}@1"}
    assert answer["results"][1]["problem"]["errors"][0]["pointer"] == "/assessments/1/jpm"


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (talent(1), "/jpm", "nothing_measured"),
        (talent(1, jpm=-0.01), "/jpm", "greater_than_equal"),
        (talent(1, jpm=1000.1), "/jpm", "less_than_equal"),
        (talent(1, jpm=80.12345), "/jpm", "decimal_max_places"),
        (talent(1, jpm="NaN"), "/jpm", "decimal_parsing"),
        (talent(1, jpm="8_0"), "/jpm", "decimal_parsing"),
        (talent(1, jpm="٨٠"), "/jpm", "decimal_parsing"),
        (talent(1, 1747699200, jpm=80), "/assessed_on", "date_type"),
        (talent(1, "2025-05-20T00:00:00Z", jpm=80), "/assessed_on", "date_type"),
        (talent(1, jpm=80, valid_until="9999-12-31"), "/valid_until", "less_than_equal"),
        (talent(1, jpm=80, document="   "), "/document", "string_too_short"),
        (talent(1, jpm=80, document="AC\u202e1"), "/document", "string_pattern_mismatch"),
        (talent(1, potential=100.01), "/potential", "less_than_equal"),
        (talent(1, "2999-01-01", jpm=80), "/assessed_on", "assessed_in_future"),
        (talent(1, "2025-02-30", jpm=80), "/assessed_on", "date_from_datetime_parsing"),
        (talent(1, jpm=80, valid_until="2025-05-19"), "/valid_until", "validity_before_assessment"),
        (talent(1, jpm=80, nilai=1), "/nilai", "extra_forbidden"),
    ],
)
async def test_bad_assessment_is_refused_with_pointer_and_code(
    client: httpx.AsyncClient, connection: asyncpg.Connection, body: Any, pointer: str, code: str
) -> None:
    answer = await client.post(ONE, json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert await connection.fetchval("SELECT count(*) FROM source.nip_subject") == 0
