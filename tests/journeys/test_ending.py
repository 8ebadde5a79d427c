"""SIGTERM ends every role of every service cleanly, with nothing left half done."""

from pathlib import Path

import pytest

from deploy.local.settings import SERVICES
from deploy.local.stack import Stack
from tests.journeys.installation import Installation
from tests.journeys.people import People


async def test_sigterm_in_the_midst_of_work_ends_with_0_and_loses_nothing(stack: Stack, tmp_path: Path) -> None:
    async with Installation(stack, tmp_path, dict.fromkeys(SERVICES, ("api", "worker"))) as talenta:
        people = People.drawn(talenta, 300)
        await people.register()
        await people.assess()
        # The workers are ended while they still have all of it before them.
        for service in SERVICES:
            assert await talenta.terminate(service, "worker") == 0
            talenta.start(service, "worker")
        await people.settle()
        for service in SERVICES:
            for role in ("api", "worker"):
                assert await talenta.terminate(service, role) == 0


@pytest.mark.parametrize("service", SERVICES)
async def test_readiness_says_what_is_missing(talenta: Installation, service: str) -> None:
    answer = await talenta.client.get(f"{talenta.urls[service]}/readyz", params={"verbose": ""})
    assert answer.status_code == 200
    metrics = (await talenta.client.get(f"{talenta.urls[service]}/metrics")).text
    assert "talenta_" in metrics
