"""One system for the short form, on servers of its own; people who are measured and settled."""

import os
from collections.abc import AsyncIterator

import pytest_asyncio

from deploy.local.settings import Settings
from tests.faults.servers import Servers
from tests.faults.trial import Trials

PEOPLE = 120


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def servers() -> AsyncIterator[Servers]:
    async with Servers(Settings(name=f"faults{os.getpid()}")) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def trials(servers: Servers) -> AsyncIterator[Trials]:
    async with Trials(servers, people=PEOPLE) as ready:
        yield ready
