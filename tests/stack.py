"""The real servers of the test run: those under `.local/test`, or those that the environment names."""

import os
import shutil
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
    given = {"DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"} <= os.environ.keys()
    # On given servers nothing is started, so runs beside each other need no folder to take turns on.
    name = f"test{os.getpid()}" if given else "test"
    settings = Settings.from_environment(name, namespace=f"test{os.getpid()}", emptied=True)
    async with Stack(settings) as running:
        yield running
        await running.clear_given_servers()
    if given:
        shutil.rmtree(settings.folder, ignore_errors=True)
