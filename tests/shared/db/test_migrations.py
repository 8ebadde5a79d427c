"""Migrations come once, whoever runs them and how often, and are not undone by a release that was taken back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from shared.db.migrations import upgrade
from tests.service import connected, created
from tests.shared.db.releases import release


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return release(tmp_path / "old", ["0001", "0002"])


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return release(tmp_path / "new", ["0001", "0002", "0003"])


@pytest_asyncio.fixture
async def url(stack: Stack) -> AsyncIterator[str]:
    async with created(stack, "migrations") as url:
        yield url


@pytest_asyncio.fixture
async def outside(url: str) -> AsyncIterator[Any]:
    async with connected(url) as connection:
        yield connection


async def version_in(outside: Any) -> str:
    version: str = await outside.fetchval("SELECT version_num FROM source.alembic_version")
    return version


async def test_release_adds_what_is_new_in_it(url: str, outside: Any, old: Path, new: Path) -> None:
    await asyncio.to_thread(upgrade, old, url)
    assert await version_in(outside) == "0002"
    await asyncio.to_thread(upgrade, new, url)
    assert await version_in(outside) == "0003"
    await asyncio.to_thread(upgrade, new, url)
    assert await version_in(outside) == "0003"


async def test_release_that_was_taken_back_leaves_the_newer_schema(
    url: str, outside: Any, old: Path, new: Path
) -> None:
    await asyncio.to_thread(upgrade, new, url)
    await asyncio.to_thread(upgrade, old, url)
    assert await version_in(outside) == "0003"
    assert await outside.fetchval("SELECT count(*) FROM source.made_by_0003") == 1


async def test_server_soon_notices_that_the_host_of_a_migration_is_gone(url: str, outside: Any, old: Path) -> None:
    """Else its lock would keep every other migration waiting for hours."""
    await asyncio.to_thread(upgrade, old, url)
    assert await outside.fetchval("SELECT idle FROM source.made_by_0001") == "30"
