"""A process is ready on the schema that its release needs, or a newer one, and says what to do on an older one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from alembic.script import ScriptDirectory

from deploy.local.settings import PROJECT, SERVICES
from deploy.local.stack import Stack
from shared.db.engine import Role
from shared.db.migrations import config_of
from shared.db.schema import schema_check, versions_of
from tests.service import connected, created, opened
from tests.shared.db.releases import release

Check = Callable[[], Awaitable[str | None]]
MIGRATE = "migrate first (python -m services.sample migrate)"


@pytest_asyncio.fixture
async def url(stack: Stack) -> AsyncIterator[str]:
    async with created(stack, "schema") as url:
        yield url


@pytest_asyncio.fixture
async def outside(url: str) -> AsyncIterator[Any]:
    async with connected(url) as connection:
        yield connection


@pytest_asyncio.fixture
async def check(url: str, tmp_path: Path) -> AsyncIterator[Check]:
    """Of a release with three migrations."""
    migrations = release(tmp_path, ["0001", "0002", "0003"])
    async with opened(url, "sample", Role.API) as database:
        yield schema_check("sample", migrations, lambda: database)


async def at_version(outside: Any, version: str) -> None:
    await outside.execute("CREATE SCHEMA IF NOT EXISTS source")
    await outside.execute("DROP TABLE IF EXISTS source.alembic_version")
    await outside.execute(f"CREATE TABLE source.alembic_version AS SELECT '{version}'::varchar(32) AS version_num")


@pytest.mark.parametrize("service", SERVICES)
def test_files_are_named_by_the_versions_that_alembic_reads_in_them(service: str) -> None:
    migrations = PROJECT / "services" / service / "migrations"
    scripts = ScriptDirectory.from_config(config_of(migrations, "")).walk_revisions()
    assert versions_of(migrations) == [script.revision for script in scripts][::-1]


async def test_nothing_is_ready_before_the_first_migration(check: Check, outside: Any) -> None:
    assert await check() == MIGRATE
    await outside.execute("CREATE SCHEMA source")
    assert await check() == MIGRATE
    await at_version(outside, "0003")
    await outside.execute("DELETE FROM source.alembic_version")
    assert await check() == MIGRATE


async def test_new_release_is_not_ready_on_an_older_schema(check: Check, outside: Any) -> None:
    for version in ("0001", "0002"):
        await at_version(outside, version)
        assert await check() == MIGRATE
    await at_version(outside, "0003")
    assert await check() is None


async def test_release_that_was_taken_back_is_ready_on_a_newer_schema(check: Check, outside: Any) -> None:
    await at_version(outside, "0004")
    assert await check() is None


async def test_good_answer_is_remembered(check: Check, outside: Any) -> None:
    await at_version(outside, "0003")
    assert await check() is None
    await outside.execute("DROP SCHEMA source CASCADE")
    assert await check() is None
