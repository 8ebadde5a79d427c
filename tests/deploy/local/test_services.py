"""The four services as the local stack runs them: started together, watched, stopped together."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from deploy.local.errors import ChildFailedError
from deploy.local.issuer import Issuer
from deploy.local.services import Services
from deploy.local.settings import SERVICES, Settings
from deploy.local.stack import Stack


@pytest_asyncio.fixture
async def apart(stack: Stack, tmp_path: Path) -> AsyncIterator[Stack]:
    """Databases and topics of this test alone, on the servers of the session."""
    settings = Settings(
        "services",
        local=tmp_path,
        database_url=stack.database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        namespace=f"services{os.getpid()}",
    )
    async with Stack(settings) as apart:
        yield apart
        await apart.clear_given_servers()


async def test_all_four_answer_and_the_death_of_one_is_told_and_ends_all(apart: Stack, tmp_path: Path) -> None:
    with Issuer(tmp_path, apart.ports["issuer"]) as issuer:
        async with Services(apart, issuer) as services:
            running = {record.name: record.pid for record in apart.register.read()}
            assert running.keys() == set(SERVICES)
            assert services.variables["PLACEMENT_PROFILE_URL"] == services.urls["profile"]
            async with httpx.AsyncClient() as client:
                for url in services.urls.values():
                    assert (await client.get(f"{url}/readyz")).status_code == 200
                governments = await client.get(f"{services.urls['profile']}/v1/governments")
                assert governments.status_code == 200

            psutil.Process(running["placement"]).kill()
            with pytest.raises(ChildFailedError, match="placement ended with code -9") as failed:
                await services.while_alive(asyncio.Event().wait())
            assert str(apart.settings.logs / "placement.log") in str(failed.value)
    assert apart.register.read() == []
    assert not any(psutil.pid_exists(pid) for pid in running.values()), "a service stayed behind"


async def test_work_that_ends_before_any_service_does_is_handed_on(apart: Stack, tmp_path: Path) -> None:
    services = Services(apart, Issuer(tmp_path, apart.ports["issuer"]))

    async def work() -> str:
        return "done"

    assert await services.while_alive(work()) == "done"
