"""The explanation tells the same story as the result, and can be added up by hand."""

from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from services.placement.talents.service import reevaluate_due
from shared.db.session import Database
from tests.placement.arrivals import Arrivals, received
from tests.placement.people import assessment, employee, measure, punishment, year

ID = UUID("0198c0de-0000-7000-8000-000000000001")


async def _explanation(http: httpx.AsyncClient) -> dict[str, Any]:
    body: dict[str, Any] = (await http.get(f"/v1/talents/{ID}/explanation")).json()
    return body


def _component(axis: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(part for part in axis["components"] if part["code"] == code)
    return found


async def test_explanation_agrees_with_the_talent(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    person = employee(ID, education="D-III", field_match=None, experience={"years": "4"}, retires_on="2027-02-01")
    await arrivals.take(person, assessment(ID, competency=measure("jpm", "71.25"), performance=[year(2025)]))
    talent = (await http.get(f"/v1/talents/{ID}")).json()
    told = await _explanation(http)
    for name in (
        "version",
        "talent_value",
        "box",
        "in_pool",
        "eligible",
        "evaluated_on",
        "next_change_on",
        "causes",
    ):
        assert told[name] == talent[name]
    assert (told["x"]["score"], told["y"]["score"]) == (talent["x"], talent["y"])
    for axis in ("x", "y"):
        parts = told[axis]["components"]
        assert sum(part["weight"] for part in parts) == pytest.approx(100)
        assert sum(part["points"] for part in parts) == pytest.approx(told[axis]["score"], abs=1e-4)
        assert all(part["points"] == pytest.approx(part["weight"] * part["score"] / 100) for part in parts)
    weights = told["policy"]["weight_x"], told["policy"]["weight_y"]
    value = (weights[0] * told["x"]["score"] + weights[1] * told["y"]["score"]) / 100
    assert told["talent_value"] == pytest.approx(value, abs=0.005)


async def test_explanation_names_sources_gaps_and_remarks(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    competency, score = measure("jpm", "138.89"), year(2025)
    await arrivals.take(
        received(employee(ID, version=3, field_match=None, experience={}, retires_on=None), "employee/1"),
        received(assessment(ID, version=2, competency=competency, performance=[score]), "performance-score/9"),
    )
    told = await _explanation(http)
    measured = _component(told["x"], "potential_competency")["parts"][0]
    assert (measured["found"], measured["score"]) == ("138.89", 100)
    assert measured["source"] == f"talent-assessment/{competency['assessment_id']}"
    education = _component(told["x"], "education")
    assert education["source"] == f"profile.employees/{ID}@3"
    assert education["name"] == {"id": "Pendidikan formal", "en": "Formal education"}
    period = _component(told["y"], "period.2025-01-01.2025-12-31")
    assert (period["found"], period["source"]) == ("BAIK", f"performance-score/{score['score_id']}")
    assert [item["code"] for item in told["missing_items"]] == [
        "field_match",
        "experience_years",
        "experience_variety",
        "experience_substance",
    ]
    assert [remark["code"] for remark in told["remarks"]] == ["single_period", "retirement_date_missing"]
    assert told["inputs"] == [
        {"topic": "profile.employees", "version": 3},
        {"topic": "assessment.results", "version": 2},
    ]
    assert set(told["causes"]) == {"employee/1", "performance-score/9"}
    assert told["y"]["level"]["id"] == "sesuai ekspektasi"
    assert told["y"]["cut_offs"] == {"middle": 70, "top": 90}


async def test_explanation_says_when_a_veto_ends(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    await arrivals.take(employee(ID, kind="PPPK", discipline=[punishment("BERAT", "2026-06-01", "2099-05-31")]))
    vetoes = {veto["code"]: veto["ends_on"] for veto in (await _explanation(http))["vetoes"]}
    assert vetoes == {"pppk": None, "serving_punishment": "2099-06-01", "recent_punishment": "2028-06-01"}


async def test_explanation_without_a_box_names_what_comes_first(
    arrivals: Arrivals, http: httpx.AsyncClient
) -> None:
    await arrivals.take(employee(ID))
    told = await _explanation(http)
    assert (told["x"]["score"], told["x"]["level"], told["next_steps"]) == (None, None, [])
    assert [reason["code"] for reason in told["no_box_reasons"]] == [
        "competency_missing",
        "potential_missing",
        "performance_missing",
    ]
    assert _component(told["x"], "education")["points"] == 5


async def test_explanation_shows_the_way_to_the_next_box(arrivals: Arrivals, http: httpx.AsyncClient) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    (step,) = (await _explanation(http))["next_steps"]
    assert (step["axis"], step["box"], step["missing_points"]) == ("y", 9, 10)
    assert [(gain["code"], gain["suffices"]) for gain in step["gains"]] == [("next_period.SANGAT_BAIK", True)]
    assert step["text"]["id"].startswith("Untuk masuk kotak 9")
    assert step["text"]["en"].startswith("To reach box 9")


async def test_explanation_follows_the_policy_of_the_result(
    arrivals: Arrivals,
    http: httpx.AsyncClient,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    await connection.execute("INSERT INTO source.policy_in_force VALUES ('33.74', '2026-01-01', 'djbk-2026')")
    # Not re-evaluated yet: the result is still that of the default, and so is its explanation.
    assert (await _explanation(http))["policy"]["policy_id"] == "talenta-default-1"
    while await reevaluate_due(database, 500):
        pass
    told = await _explanation(http)
    assert told["policy"]["policy_id"] == "djbk-2026"
    assert (told["box"], told["y"]["cut_offs"]["top"]) == (9, 80)
    assert [part["code"] for part in _component(told["x"], "potential_competency")["parts"]] == ["competency"]
