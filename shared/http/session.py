"""The sessions of a request. A writing one commits before the answer leaves; a failing commit is the answer.

Without `scope="function"` FastAPI ends a dependency after the answer was sent: 200 for what was never written.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.kept import KeptConnections
from shared.db.session import Database
from shared.http.pressure import refuse_at_the_bound


def database_of(request: Request) -> Database:
    """The database of the service that serves this request."""
    database: Database = request.app.state.database
    return database


async def _writing(request: Request) -> AsyncIterator[AsyncSession]:
    await refuse_at_the_bound(request)
    writers: KeptConnections = request.app.state.writers
    async with writers.transaction() as session:
        yield session


async def _reading(request: Request) -> AsyncIterator[AsyncSession]:
    async with database_of(request).reading() as session:
        yield session


Writing = Annotated[AsyncSession, Depends(_writing, scope="function")]
"""One transaction: committed when the endpoint returns, rolled back when it raises; none at the outbox's bound."""
Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]
"""Autocommit: each statement sees its own snapshot."""
