"""A database to hold populations against."""

from collections.abc import AsyncIterator

import pytest_asyncio

from deploy.local.stack import Stack
from shared.db.engine import Role, create_engine
from shared.db.session import Database
from tests.shared.http.databases import core_database


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(stack: Stack) -> AsyncIterator[Database]:
    async with core_database(stack.database_url) as url:
        opened = Database(create_engine(url, service="test", role=Role.API, pool_size=1))
        yield opened
        await opened.close()
