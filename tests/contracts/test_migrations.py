"""Migrations and declared tables say the same, in every service."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table

from deploy.local.settings import PROJECT, SERVICES
from deploy.local.stack import Stack
from shared.db.engine import Role
from shared.db.metadata import DERIVED, SOURCE
from shared.db.migrations import upgrade
from shared.db.session import Database
from tests.service import migrated, opened

Case = tuple[MetaData, Path, Database, str]
_OPTIONS: Final[dict[str, Any]] = {"include_schemas": True, "compare_type": True, "compare_server_default": True}


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=SERVICES)
async def case(request: pytest.FixtureRequest, stack: Stack) -> AsyncIterator[Case]:
    service: str = request.param
    folder = PROJECT / "services" / service
    for tables in sorted(folder.glob("*/tables.py")):
        importlib.import_module(f"services.{service}.{tables.parent.name}.tables")
    metadata: MetaData = importlib.import_module(f"services.{service}.database").METADATA
    async with migrated(stack, service) as url, opened(url, service, Role.API, pool_size=1) as database:
        yield metadata, folder / "migrations", database, url


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "schema" and name not in {SOURCE, DERIVED}) and name != "alembic_version"


def _differences(connection: Connection, metadata: MetaData) -> list[Any]:
    context = MigrationContext.configure(connection, opts={**_OPTIONS, "include_name": _ours})
    return list(compare_metadata(context, metadata))


async def test_migrations_leave_just_the_declared_tables(case: Case) -> None:
    metadata, _, database, _ = case
    assert len(metadata.tables) > len({"outbox", "dead_letter", "idempotency_key", "consumer_offset"})
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences, metadata) == []


class _Undone(Exception):
    """Rolls back."""


async def test_a_missing_column_would_be_seen(case: Case) -> None:
    metadata, _, database, _ = case
    table: Table = max(metadata.tables.values(), key=lambda each: len(each.columns))
    dropped = next(
        column.name for column in reversed(table.columns) if not column.index and not column.primary_key
    )
    with suppress(_Undone):
        async with database.transaction() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(f'ALTER TABLE {table.fullname} DROP COLUMN "{dropped}" CASCADE')
            assert await connection.run_sync(_differences, metadata) != []
            raise _Undone


async def test_migrating_again_changes_nothing(case: Case) -> None:
    metadata, migrations, database, url = case
    await asyncio.to_thread(upgrade, migrations, url)
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences, metadata) == []
