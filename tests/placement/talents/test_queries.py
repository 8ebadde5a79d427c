"""What readers wait by is planned once, however many they are."""

import uuid

from services.placement.talents.queries import versions_of
from shared.db.engine import Role
from shared.db.session import driver_of
from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS
from tests.placement.arrivals import Arrivals
from tests.placement.people import assessment, employee
from tests.service import opened

_PLANNED_ANEW = 5
"""How often PostgreSQL looks before it keeps a plan."""


async def test_a_look_for_what_has_arrived_keeps_its_plan(arrivals: Arrivals, database_url: str) -> None:
    ids = [uuid.uuid4() for _ in range(20)]
    await arrivals.take(*(state for one in ids for state in (employee(one), assessment(one))))
    async with opened(database_url, "placement", Role.API) as api, api.reading() as session:
        for most in range(1, len(ids) + 1):
            reached = await versions_of(session, [*map(str, ids[:most]), "33.74"])
            assert reached == {
                str(one): {EMPLOYEES.name: 1, RESULTS.name: 1, TALENTS.name: 1} for one in ids[:most]
            }
        plans = await (await driver_of(session)).fetchrow(
            "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement ~ $1",
            "derived[.]talent",
        )
    assert tuple(plans) == (_PLANNED_ANEW, len(ids) - _PLANNED_ANEW)
