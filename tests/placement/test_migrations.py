"""Models and migrations tell the same story, and policies are filled in and kept."""

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.placement.database import METADATA
from services.placement.policies import tables as policies
from services.placement.talents import tables as talents
from shared.db.metadata import DERIVED, SOURCE
from shared.db.session import Database
from tests.placement.people import DEFAULT

DECLARED = (policies, talents)


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name in {SOURCE, DERIVED},
            "version_table_schema": SOURCE,
            "compare_type": True,
            "compare_server_default": True,
        },
    )
    return list(compare_metadata(context, METADATA))


async def test_models_and_migrations_agree(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_default_policy_is_in_force_everywhere(connection: asyncpg.Connection) -> None:
    terms = await connection.fetch("SELECT region, policy_id FROM source.policy_in_force")
    assert [tuple(term) for term in terms] == [("*", DEFAULT.policy_id)]


async def test_policy_cannot_be_changed(connection: asyncpg.Connection) -> None:
    for statement in (
        "UPDATE source.talent_policy SET sha256 = ''",
        "DELETE FROM source.talent_policy",
    ):
        with pytest.raises(asyncpg.RaiseError, match="immutable"):
            await connection.execute(statement)
