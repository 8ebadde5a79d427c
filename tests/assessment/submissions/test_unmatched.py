"""What matched nobody whom its caller may touch: the same answer, and one decision when somebody arrives."""

from typing import Any

import asyncpg
import httpx
import pytest

from services.assessment.settings import Settings
from services.assessment.worker import jobs
from shared.auth.roles import INTEGRATOR
from shared.db.session import Database
from tests.assessment.conftest import Arrive, CallAs
from tests.assessment.events import published
from tests.assessment.people import ARRIVED_AT, KENDAL, SEMARANG, employee, employee_id, score, talent

SCORES = "/v1/performance-scores"
TALENTS = "/v1/talent-assessments"


def _without_id(answer: httpx.Response) -> tuple[int, dict[str, Any], list[str]]:
    # The id is the only thing in the answer that differs, also between two NIPs that nobody bears.
    return answer.status_code, answer.json() | {"id": ""}, sorted(answer.headers)


async def test_nobody_learns_from_the_answer_who_exists(call_as: CallAs, arrive: Arrive) -> None:
    await arrive(employee(1))
    kendal = call_as(INTEGRATOR, regions=[KENDAL])
    for _ in ("first", "repeated"):
        outside, unknown = [await kendal.post(SCORES, json=score(number)) for number in (1, 2)]
        assert _without_id(outside) == _without_id(unknown)
        assert (outside.status_code, outside.json()["state"]) == (201, "received")
        assert "Talenta-Token" not in outside.headers
    rows = [score(number, year) for year in (2023, 2024) for number in (1, 2)]
    results = (await kendal.post(f"{SCORES}:batch", json={"scores": rows})).json()["results"]
    assert [one | {"id": "", "index": 0} for one in results] == [results[0] | {"id": "", "index": 0}] * 4


async def test_repeated_before_and_after_the_arrival_of_somebody_outside(call_as: CallAs, arrive: Arrive) -> None:
    kendal = call_as(INTEGRATOR, regions=[KENDAL])
    first, unknown = [(await kendal.post(SCORES, json=score(number))).json() for number in (1, 2)]
    await arrive(employee(1))
    assert (await kendal.post(SCORES, json=score(1))).json() == first
    assert (await kendal.post(SCORES, json=score(2))).json() == unknown


async def test_score_takes_effect_when_the_employee_arrives(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    received = (await client.post(SCORES, json=score(1))).json()
    measured = (await client.post(TALENTS, json=talent(1, jpm=80.5))).json()
    assert await published(connection) == []
    await arrive(employee(1))
    [event] = await published(connection)
    assert (event.key, event.version, event.predikats) == (employee_id(1), 1, ["BAIK"])
    assert event.state["competency"]["jpm"] == "80.5000"
    assert event.causes == [
        f"performance-score/{received['id']}",
        f"talent-assessment/{measured['id']}",
        f"employee/{employee_id(1)}",
    ]
    # Nothing could have followed from the score before: freshness is measured from the arrival.
    assert event.origin_time == ARRIVED_AT
    assert await connection.fetchval("SELECT count(*) FROM source.unmatched") == 0
    again = await client.post(SCORES, json=score(1))
    assert (again.status_code, again.json()["outcome"], again.json()["id"]) == (200, "unchanged", received["id"])


async def test_waiting_scores_take_effect_in_the_order_in_which_they_came(
    call_as: CallAs, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    simpeg, ekinerja = [call_as(INTEGRATOR, subject=name, regions=["33.*"]) for name in ("simpeg", "ekinerja")]
    await simpeg.post(SCORES, json=score(1, predikat="BAIK"))
    await ekinerja.post(SCORES, json=score(1, predikat="BAIK"))
    await ekinerja.post(SCORES, json=score(1, predikat="KURANG"))
    await simpeg.post(SCORES, json=score(1, predikat="SANGAT_BAIK"))
    await arrive(employee(1))
    [event] = await published(connection)
    assert [(part["predikat"], part["score_version"]) for part in event.state["performance"]] == [
        ("SANGAT_BAIK", 3)
    ]


async def test_entitlement_is_decided_once_by_the_population_of_then(
    call_as: CallAs, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    kendal = call_as(INTEGRATOR, subject="kendal", regions=[KENDAL])
    semarang = call_as(INTEGRATOR, subject="semarang", regions=[SEMARANG])
    await kendal.post(SCORES, json=score(1, predikat="KURANG"))
    await semarang.post(SCORES, json=score(1, predikat="BAIK"))
    await arrive(employee(1, region=SEMARANG))
    assert [event.predikats for event in await published(connection)] == [["BAIK"]]
    await arrive(employee(1, version=2, region=KENDAL))
    assert len(await published(connection)) == 1
    assert [row["state"] for row in await connection.fetch("SELECT state FROM source.unmatched")] == ["REFUSED"]
    # Entitled now, he hands it in again.
    assert (await kendal.post(SCORES, json=score(1, predikat="KURANG"))).json()["outcome"] == "updated"
    assert (await semarang.post(SCORES, json=score(1, predikat="BAIK"))).json()["state"] == "received"


async def test_same_score_with_a_wider_population_is_kept_beside(
    call_as: CallAs, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    narrow = call_as(INTEGRATOR, subject="simpeg", regions=[KENDAL])
    wide = call_as(INTEGRATOR, subject="simpeg", regions=[KENDAL, SEMARANG])
    await narrow.post(SCORES, json=score(1))
    await wide.post(SCORES, json=score(1))
    await arrive(employee(1, region=SEMARANG))
    assert [event.predikats for event in await published(connection)] == [["BAIK"]]


@pytest.mark.parametrize(("kept_for", "events"), [("-1 second", 0), ("1 hour", 1)])
async def test_what_expired_takes_no_effect(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection, kept_for: str, events: int
) -> None:
    await client.post(SCORES, json=score(1))
    await connection.execute(f"UPDATE source.unmatched SET expires_at = now() + interval '{kept_for}'")
    await arrive(employee(1))
    assert len(await published(connection)) == events


async def test_expired_is_deleted_with_the_nips_that_nothing_else_knows(
    client: httpx.AsyncClient,
    arrive: Arrive,
    connection: asyncpg.Connection,
    database: Database,
    database_url: str,
) -> None:
    await arrive(employee(1))
    rows = [score(1), score(2), score(3, 2024), score(3, 2025)]
    await client.post("/v1/performance-scores:batch", json={"scores": rows})
    kept = await connection.fetchrow(
        "SELECT min(accepted_at) AS accepted, min(expires_at) AS expires FROM source.unmatched"
    )
    assert (kept["expires"] - kept["accepted"]).days == 180
    await connection.execute(
        "UPDATE source.unmatched SET expires_at = now() WHERE measured <> 'YEARLY/2024-01-01'",
    )
    [expire, _] = jobs(Settings(database_url=database_url), database)
    assert await expire.run() is False
    assert await connection.fetchval("SELECT count(*) FROM source.unmatched") == 1
    known = await connection.fetch("SELECT nip FROM source.nip_subject ORDER BY nip")
    assert [row["nip"] for row in known] == [score(1)["nip"], score(3)["nip"]]
