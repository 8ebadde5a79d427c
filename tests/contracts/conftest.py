"""The house that the contracts are held against."""

from collections.abc import AsyncIterator

import pytest_asyncio

from deploy.local.stack import Stack
from shared.testing.tokens import Issuer
from tests.contracts.house import House, open_house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(stack: Stack, issuer: Issuer) -> AsyncIterator[House]:
    """Opened once; Ana and Budi stay known to all four."""
    async with open_house(stack, issuer) as opened:
        yield opened
