"""What is written down of who follows whom is what the services do."""

import importlib

from deploy.local.settings import SERVICES
from shared.db.engine import Role
from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS, Topic
from shared.kafka.topology import FOLLOWERS, Hop, hops_after
from tests.service import opened


async def test_topology_is_that_of_the_subscriptions() -> None:
    found: dict[str, tuple[Topic, ...]] = {}
    for service in SERVICES:
        subscriptions = importlib.import_module(f"services.{service}.worker").subscriptions
        async with opened("postgresql://nobody@localhost/none", service, Role.WORKER) as database:
            found |= {one.group: tuple(one.contracts) for one in subscriptions(database)}
    assert found == FOLLOWERS


def test_chain_is_followed_to_its_end() -> None:
    assert hops_after("assessment") == (
        Hop(RESULTS, "placement.talents"),
        Hop(TALENTS, "reporting.standings"),
    )
    assert set(hops_after("profile")) == {
        Hop(EMPLOYEES, "assessment.employees"),
        Hop(EMPLOYEES, "placement.talents"),
        *hops_after("assessment"),
    }
    assert hops_after("reporting") == ()
