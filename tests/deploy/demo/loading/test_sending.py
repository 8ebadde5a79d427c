"""What the loader sends, and in which batches."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import httpx
import pytest

from deploy.demo.errors import DemonstrationError
from deploy.demo.installation.api import Api
from deploy.demo.installation.installation import Installation, PerService
from deploy.demo.loading.sending import load
from deploy.demo.population.people import Population
from services.assessment.performance.schemas import PerformanceScoreBatch
from services.assessment.talent_assessments.schemas import TalentAssessmentBatch
from services.profile.employees.schemas import EmployeeRow
from services.profile.units.schemas import UnitBody

POPULATION = Population(2_300, date(2026, 1, 1))
NOWHERE = PerService("http://profile", "http://assessment", "http://placement", "http://reporting")
INSTALLATION = Installation(NOWHERE, NOWHERE, "", "", lambda: "token", Path())


def silent(_line: str) -> None:
    """Nobody waits."""


class Services:
    """Takes everything, and checks it by the services' own schemas."""

    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()
        self.sizes: list[int] = []
        self.years: dict[str, set[int]] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if request.method == "PUT":
            UnitBody.model_validate(body)
            self.rows["units"] += 1
            return httpx.Response(201, json=body)
        ((name, rows),) = body.items()
        self.rows[name] += len(rows)
        self.sizes.append(len(rows))
        if name == "employees":
            assert all(EmployeeRow.model_validate(row) for row in rows)
        elif name == "scores":
            assert not PerformanceScoreBatch.model_validate(body).scores.rejected
            for row in rows:
                self.years.setdefault(row["nip"], set()).add(row["period"]["year"])
        else:
            assert not TalentAssessmentBatch.model_validate(body).assessments.rejected
        return httpx.Response(200, json={"results": [], "counts": {"created": len(rows)}})


async def test_everybody_is_sent_with_two_scores_and_one_assessment() -> None:
    services = Services()
    async with Api(INSTALLATION, httpx.MockTransport(services.answer)) as api:
        await load(api, POPULATION, silent)
    units = sum(len(government.units) for government in POPULATION.governments)
    assert services.rows == {"units": units, "employees": 2_300, "scores": 4_600, "assessments": 2_300}
    assert max(services.sizes) == 1000
    assert all(years == {2024, 2025} for years in services.years.values())


async def test_the_first_refused_row_ends_the_loading() -> None:
    refused = {"index": 3, "outcome": "rejected", "problem": {"code": "region_unknown"}}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(":batch"):
            return httpx.Response(200, json={"results": [refused], "counts": {"rejected": 1}})
        return httpx.Response(200, json={})

    async with Api(INSTALLATION, httpx.MockTransport(answer)) as api:
        with pytest.raises(DemonstrationError, match="region_unknown"):
            await load(api, POPULATION, silent)
