"""Models and migrations agree."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.assessment.database import METADATA
from shared.db.metadata import DERIVED, SOURCE
from shared.db.session import Database


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: (
                (kind, name) != ("table", "alembic_version") and (kind != "schema" or name in {SOURCE, DERIVED})
            ),
            "compare_server_default": False,
        },
    )
    return list(compare_metadata(context, METADATA))


async def test_tables_are_what_the_migrations_make(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
