"""One installation for the journeys that do not disturb each other; each works with people of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from tests.journeys.installation import Installation


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def talenta(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    async with Installation(stack, tmp_path_factory.mktemp("talenta")) as running:
        yield running
