"""The table says of every talent just what was published of it last."""

from uuid import UUID

import asyncpg

from services.placement.talents.events import PUBLISHED
from shared.db.session import Database
from tests.placement.arrivals import Arrivals, received
from tests.placement.people import assessment, employee, measure, punishment
from tests.shared.states.rebuilt import published_last, rebuilt

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


async def test_talents_are_rebuilt_as_they_were_published(
    arrivals: Arrivals,
    database: Database,
    connection: asyncpg.Connection,
) -> None:
    await arrivals.take(
        employee(ONE), assessment(ONE), employee(TWO, discipline=[punishment("BERAT", "2026-10-01")])
    )
    await arrivals.take(assessment(THREE), received(assessment(ONE, version=2), "performance-score/7"))
    await arrivals.take(assessment(TWO, competency=measure("jpm", "77.7777")))
    found = await rebuilt(database, PUBLISHED)
    assert found.keys() == {str(ONE), str(TWO)}
    assert found == await published_last(connection, PUBLISHED)
