"""Migrations and tables say the same."""

import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.profile.database import METADATA
from services.profile.employees.tables import Employee
from services.profile.units.tables import Unit
from shared.db.metadata import DERIVED, SOURCE
from shared.db.migrations import upgrade
from shared.db.session import Database
from tests.profile.conftest import MIGRATIONS


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "schema" and name not in {SOURCE, DERIVED}) and name != "alembic_version"


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": _ours,
            "compare_type": True,
            "compare_server_default": True,
        },
    )
    return list(compare_metadata(context, METADATA))


async def test_the_newest_migration_leaves_just_the_declared_tables(database: Database) -> None:
    assert {Employee.__tablename__, Unit.__tablename__} == {"employee", "unit"}
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_a_missing_column_would_be_seen(database: Database) -> None:
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("ALTER TABLE source.employee DROP COLUMN golongan")
        assert len(await connection.run_sync(_differences)) == 1
        await connection.rollback()


@pytest.mark.usefixtures("empty")
async def test_migrating_again_changes_nothing(database_url: str, database: Database) -> None:
    await asyncio.to_thread(upgrade, MIGRATIONS, database_url)
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
