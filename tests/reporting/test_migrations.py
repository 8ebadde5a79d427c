"""Migrations and tables say the same."""

import asyncio
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.reporting.boards import tables as boards
from services.reporting.database import METADATA
from services.reporting.folding import tables as folding
from services.reporting.standings import tables as standings
from shared.db.metadata import DERIVED, SOURCE
from shared.db.migrations import upgrade
from shared.db.session import Database
from tests.reporting.conftest import MIGRATIONS


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "schema" and name not in {SOURCE, DERIVED}) and name != "alembic_version"


def _differences(connection: Connection) -> list[Any]:
    options = {
        "include_schemas": True,
        "include_name": _ours,
        "compare_type": True,
        "compare_server_default": True,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))


async def test_the_newest_migration_leaves_just_the_declared_tables(open_database: Database) -> None:
    declared = {module.__name__ for module in (boards, folding, standings)}
    assert len(declared) == 3
    async with open_database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_a_missing_column_would_be_seen(open_database: Database) -> None:
    async with open_database.engine.connect() as connection:
        await connection.exec_driver_sql("ALTER TABLE derived.folded DROP COLUMN folded_at")
        assert len(await connection.run_sync(_differences)) == 1
        await connection.rollback()


async def test_migrating_again_changes_nothing(database_url: str, open_database: Database) -> None:
    await asyncio.to_thread(upgrade, MIGRATIONS, database_url)
    async with open_database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
