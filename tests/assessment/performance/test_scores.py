"""Handing in performance scores, one and many."""

from typing import Any

import asyncpg
import httpx
import pytest

from tests.assessment.conftest import Arrive
from tests.assessment.events import published
from tests.assessment.people import employee, employee_id, nip, score

ONE = "/v1/performance-scores"
MANY = "/v1/performance-scores:batch"


async def test_score_of_a_known_employee_is_in_force_at_once(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    answer = await client.post(
        ONE, json=score(1, 2025, None, hasil="DI_ATAS_EKSPEKTASI", perilaku="SESUAI_EKSPEKTASI")
    )
    assert answer.status_code == 201
    assert answer.headers["Talenta-Token"] == f"assessment.results/{employee_id(1)}@1"
    receipt = answer.json()
    assert receipt == {
        "id": receipt["id"],
        "state": "matched",
        "outcome": "created",
        "employee_id": str(employee_id(1)),
    }
    [event] = await published(connection)
    assert (event.key, event.version) == (employee_id(1), 1)
    assert event.causes == [f"performance-score/{receipt['id']}"]
    assert event.state["performance"] == [
        {
            "score_id": receipt["id"],
            "period_kind": "YEARLY",
            "starts_on": "2025-01-01",
            "ends_on": "2025-12-31",
            "hasil": "DI_ATAS_EKSPEKTASI",
            "perilaku": "SESUAI_EKSPEKTASI",
            "predikat": "BAIK",
            "score_version": 1,
        },
    ]


async def test_same_period_again_is_a_new_version_and_the_same_content_none(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    first = await client.post(ONE, json=score(1, predikat="BAIK"))
    again = await client.post(ONE, json=score(1, predikat="BAIK"))
    better = await client.post(ONE, json=score(1, predikat="SANGAT_BAIK"))
    assert (again.status_code, again.json()["outcome"], again.json()["id"]) == (
        200,
        "unchanged",
        first.json()["id"],
    )
    assert again.headers["Talenta-Token"] == first.headers["Talenta-Token"]
    assert (better.status_code, better.json()["outcome"]) == (201, "updated")
    events = await published(connection)
    assert [event.version for event in events] == [1, 2]
    [part] = events[-1].state["performance"]
    assert (part["predikat"], part["score_version"]) == ("SANGAT_BAIK", 2)


async def test_score_of_long_ago_is_kept_and_makes_no_event(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    await client.post(ONE, json=score(1, 2025))
    answer = await client.post(ONE, json=score(1, 2005))
    assert answer.json()["outcome"] == "created"
    assert answer.headers["Talenta-Token"] == f"assessment.results/{employee_id(1)}@1"
    assert [event.version for event in await published(connection)] == [1]
    assert await connection.fetchval("SELECT version FROM derived.result") == 1
    assert await connection.fetchval("SELECT count(*) FROM source.performance_score") == 2


async def test_batch_takes_the_good_rows_and_tells_each_bad_one_why(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    rows = [
        score(1, 2024),
        score(1, 2025) | {"nip": "123"},
        score(1, 2025, "KURANG", hasil="SESUAI_EKSPEKTASI", perilaku="SESUAI_EKSPEKTASI"),
        score(1, 2025) | {"nilai": 90},
        score(2, 2025),
        score(1, 2199),
        "nothing",
    ]
    answer = await client.post(MANY, json={"scores": rows}, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [(one["index"], one["outcome"], one["status"]) for one in results] == [
        (0, "created", 201),
        (1, "rejected", 422),
        (2, "rejected", 422),
        (3, "rejected", 422),
        (4, "received", 201),
        (5, "rejected", 422),
        (6, "rejected", 422),
    ]
    told = {one["index"]: one["problem"]["errors"][0] for one in results if one["outcome"] == "rejected"}
    assert {index: (error["pointer"], error["code"]) for index, error in told.items()} == {
        1: ("/scores/1/nip", "nip_invalid"),
        2: ("/scores/2/predikat", "predikat_mismatch"),
        3: ("/scores/3/nilai", "extra_forbidden"),
        5: ("/scores/5/period", "period_in_future"),
        6: ("/scores/6", "model_type"),
    }
    assert told[2]["detail"].startswith("does not match the table")
    assert answer.json()["counts"] == {"created": 1, "rejected": 5, "received": 1}
    assert results[0]["token"] == f"assessment.results/{employee_id(1)}@1"
    assert results[4]["token"] is None
    assert [event.version for event in await published(connection)] == [1]


async def test_rows_of_one_employee_make_one_event_with_all_causes(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1), employee(2))
    rows = [
        score(1, 2024),
        score(2, 2024),
        score(1, 2025),
        score(1, 2025, "SANGAT_BAIK"),
        score(1, 2025, "SANGAT_BAIK"),
    ]
    results = (await client.post(MANY, json={"scores": rows})).json()["results"]
    assert [one["outcome"] for one in results] == ["created", "created", "created", "updated", "unchanged"]
    assert results[4]["id"] == results[3]["id"]
    assert {one["token"] for one in results if one["index"] != 1} == {f"assessment.results/{employee_id(1)}@1"}
    events = {event.key: event for event in await published(connection)}
    assert len(events) == 2
    event = events[employee_id(1)]
    assert event.version == 1
    assert event.causes == [f"performance-score/{results[index]['id']}" for index in (0, 2, 3)]
    assert event.predikats == ["SANGAT_BAIK", "BAIK"]


async def test_batch_sent_twice_changes_nothing(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(*(employee(number) for number in range(1, 4)))
    body = {"scores": [score(number, year) for number in range(1, 6) for year in (2024, 2025)]}
    first = (await client.post(MANY, json=body)).json()
    again = (await client.post(MANY, json=body)).json()
    assert first["counts"] == {"created": 6, "received": 4}
    assert again["counts"] == {"unchanged": 6, "received": 4}
    assert [one["id"] for one in again["results"]] == [one["id"] for one in first["results"]]
    assert len(await published(connection)) == 3
    assert await connection.fetchval("SELECT count(*) FROM source.unmatched") == 4


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (score(1) | {"nip": "198713322010011001"}, "/nip", "nip_invalid"),
        (
            score(1) | {"period": {"kind": "YEARLY", "year": 2025, "number": 1}},
            "/period/number",
            "period_number",
        ),
        (score(1) | {"period": {"kind": "QUARTERLY", "year": 2025}}, "/period/number", "period_number"),
        (score(1) | {"period": {"kind": "WEEKLY", "year": 2025}}, "/period/kind", "enum"),
        (score(1) | {"period": {"kind": "YEARLY", "year": 1999}}, "/period/year", "greater_than_equal"),
        (score(1) | {"period": {"kind": "YEARLY", "year": "2025"}}, "/period/year", "int_type"),
        (score(1) | {"period": {"kind": "MONTHLY", "year": 2025, "number": True}}, "/period/number", "int_type"),
        (
            score(1) | {"period": {"kind": "YEARLY", "year": 2025, "week": 1}},
            "/period/week",
            "extra_forbidden",
        ),
        (score(1, 2300), "/period", "period_in_future"),
        (score(1, predikat=None), "/predikat", "predikat_missing"),
        (score(1, predikat=None, hasil="SESUAI_EKSPEKTASI"), "/perilaku", "rating_incomplete"),
        (score(1, predikat="CUKUP"), "/predikat", "enum"),
        (score(1, document="a\x00b"), "/document", "string_pattern_mismatch"),
        (score(1, employee_id="x"), "/employee_id", "extra_forbidden"),
        ([], "", "model_attributes_type"),
    ],
)
async def test_bad_score_is_refused_with_pointer_and_code(
    client: httpx.AsyncClient, connection: asyncpg.Connection, body: Any, pointer: str, code: str
) -> None:
    answer = await client.post(ONE, json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert nip(1) not in answer.text
    assert await connection.fetchval("SELECT count(*) FROM source.nip_subject") == 0


@pytest.mark.parametrize("rows", [[], [{}] * 1001, "rows"])
async def test_batch_outside_its_bounds_is_refused_whole(client: httpx.AsyncClient, rows: Any) -> None:
    answer = await client.post(MANY, json={"scores": rows})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/scores"


async def test_key_replays_the_answer_and_refuses_another_body(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    key = {"Idempotency-Key": "once-and-for-all"}
    first = await client.post(ONE, json=score(1), headers=key)
    replay = await client.post(ONE, json=score(1), headers=key)
    other = await client.post(ONE, json=score(1, predikat="KURANG"), headers=key)
    assert (replay.status_code, replay.json()) == (201, first.json())
    assert replay.headers["Talenta-Token"] == first.headers["Talenta-Token"]
    assert replay.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await published(connection)) == 1
