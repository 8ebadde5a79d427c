"""The real servers of the test run: those under `.local/test`, or those that the environment names."""

import os
from collections.abc import AsyncIterator

import pytest_asyncio

from deploy.local.settings import Settings
from deploy.local.stack import Stack


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    """Started once, empty, for the whole session; stopped at its end.

    On given servers the names carry this process's id, so that test runs beside each other do not meet, and what
    was made there is removed at the end.
    """
    settings = Settings.from_environment("test", namespace=f"test{os.getpid()}", emptied=True)
    async with Stack(settings) as running:
        yield running
        await running.clear_given_servers()
