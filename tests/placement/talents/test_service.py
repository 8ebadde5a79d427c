"""What publishing results leaves beside rows and events."""

from uuid import UUID

import asyncpg

from shared.db.moved import MOVED
from tests.placement.arrivals import Arrivals
from tests.placement.people import assessment, employee
from tests.shared.notifications import heard

ID = UUID("0198c0de-0000-7000-8000-000000000001")


async def test_readers_are_told_of_a_talent_that_moved(arrivals: Arrivals, connection: asyncpg.Connection) -> None:
    async with heard(connection, MOVED) as notifications:
        await arrivals.take(employee(ID), assessment(ID))
        await arrivals.take(employee(ID), assessment(ID))
    assert notifications == [str(ID)]
