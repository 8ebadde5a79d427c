"""Migrations of one service, run in process. A service's `migrations/env.py` only names its metadata."""

import asyncio
from pathlib import Path
from typing import Any, Final

import structlog
from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.db.engine import STILL_THERE_SERVER, asyncpg_url
from shared.db.metadata import DERIVED, SOURCE

_log: Final = structlog.get_logger(__name__)


def config_of(migrations: Path, database_url: str) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = database_url
    return config


def upgrade(migrations: Path, database_url: str) -> None:
    """Bring the database to the newest version. Running it again, or twice at once, changes nothing.

    Neither does it where a newer release has migrated already: a release that was taken back serves on that.
    """
    command.upgrade(config_of(migrations, database_url), "head")


def run_environment(metadata: MetaData) -> None:
    """The body of every `migrations/env.py`."""
    asyncio.run(_run(metadata, context.config.attributes["database_url"]))


async def _run(metadata: MetaData, database_url: str) -> None:
    engine = create_async_engine(
        asyncpg_url(database_url),
        poolclass=pool.NullPool,
        # The lock of one whose host is gone ends with it, and not when TCP gives up hours later.
        connect_args={"server_settings": STILL_THERE_SERVER},
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, metadata)
    await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    # Two replicas that start together take turns; the second finds nothing to do.
    connection.execute(text("SELECT pg_advisory_lock(hashtext('talenta.migrations'))"))
    for schema in (SOURCE, DERIVED):
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_schemas=True,
        version_table_schema=SOURCE,
        include_name=_ours,
    )
    with context.begin_transaction():
        # A migration that cannot get its lock gives up, rather than hold up every reader behind it.
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        if _is_newer():
            _log.warning("schema_is_newer", left_as_it_is=context.get_context().get_current_heads())
        else:
            context.run_migrations()


def _is_newer() -> bool:
    known = {script.revision for script in context.script.walk_revisions()}
    return not known.issuperset(context.get_context().get_current_heads())


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    return kind != "schema" or name in {SOURCE, DERIVED}
