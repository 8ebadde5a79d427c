"""The sessions of a request. A writing one commits before the answer leaves; a failing commit is the answer."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.kept import KeptConnections
from shared.http.pressure import refuse_at_the_bound
from shared.outbox.append import attempt

_ENDPOINT: Final = "fastapi_function_astack"
"""The stack of contexts that FastAPI leaves before it sends the answer, so that nobody is told 200 for what was
never written. It is what `scope="function"` stands for, which puts three generators and a scope of cancellation
around each dependency that yields: they cost more than a transaction does.
"""


def connections_of(request: Request) -> KeptConnections:
    """The connections to the service's database that requests have in turn."""
    connections: KeptConnections = request.app.state.connections
    return connections


async def writing(request: Request) -> AsyncSession:
    """The dependency behind `Writing`, for those that begin with it. Raises WritesPaused."""
    await refuse_at_the_bound(request)
    return await _during_endpoint(request, connections_of(request).transaction())


async def attempting(request: Request) -> AsyncSession:
    """A session that writes once, without a transaction (`shared.outbox.append.attempt`). Raises WritesPaused."""
    await refuse_at_the_bound(request)
    session = await _reading(request)
    attempt(session)
    return session


async def give_back(request: Request) -> None:
    """End the sessions of this request, which is about to be handled once more.

    Whoever keeps one connection and waits for another may wait for all who do the same.
    """
    stack: AsyncExitStack = request.scope[_ENDPOINT]
    await stack.aclose()


async def _reading(request: Request) -> AsyncSession:
    return await _during_endpoint(request, connections_of(request).reading())


async def _during_endpoint(request: Request, session: AbstractAsyncContextManager[AsyncSession]) -> AsyncSession:
    stack: AsyncExitStack = request.scope[_ENDPOINT]
    return await stack.enter_async_context(session)


Writing = Annotated[AsyncSession, Depends(writing)]
"""One transaction: committed when the endpoint returns, rolled back when it raises; none at the outbox's bound."""
Reading = Annotated[AsyncSession, Depends(_reading)]
"""Autocommit: each statement sees its own snapshot."""
