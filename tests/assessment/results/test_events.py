"""The table says of every employee just what was published of him last."""

import asyncpg
import httpx

from services.assessment.results.events import PUBLISHED
from shared.db.session import Database
from tests.assessment.conftest import Arrive
from tests.assessment.people import employee, employee_id, score, talent
from tests.shared.states.rebuilt import published_last, rebuilt


async def test_results_are_rebuilt_as_they_were_published(
    client: httpx.AsyncClient,
    arrive: Arrive,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    await arrive(employee(1), employee(2), employee(3))
    await client.post("/v1/performance-scores", json=score(1))
    await client.post("/v1/performance-scores", json=score(1, year=2024, predikat="SANGAT_BAIK"))
    await client.post("/v1/talent-assessments", json=talent(2, jpm=93.47, potential=88))
    published = await published_last(connection, PUBLISHED)
    found = await rebuilt(database, PUBLISHED)
    assert found.keys() == {str(employee_id(1)), str(employee_id(2))}
    assert {key: event.state for key, event in found.items()} == {
        key: event.state for key, event in published.items()
    }
