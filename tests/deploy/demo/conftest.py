"""Filled databases for all tests of the demonstration; who changes them puts them right again."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from deploy.local.stack import Stack
from tests.deploy.demo.as_it_must_be import INPUTS, TODAY, Filled


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def filled(stack: Stack) -> AsyncIterator[Filled]:
    databases = Filled(stack)
    try:
        await databases.create()
        await asyncio.to_thread(databases.migrate)
        await databases.fill(INPUTS, TODAY)
        yield databases
    finally:
        await databases.drop()
