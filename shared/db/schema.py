"""Does the schema suit this release? Found out without Alembic, which only `migrate` takes the time to import."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sqlalchemy import text

from shared.db.metadata import SOURCE
from shared.db.session import Database


def versions_of(migrations: Path) -> list[str]:
    """The versions that this release knows, the oldest first: the names of their files begin with them."""
    return sorted(file.name.partition("_")[0] for file in migrations.glob("versions/[0-9]*.py"))


def schema_check(
    service: str, migrations: Path, database: Callable[[], Database]
) -> Callable[[], Awaitable[str | None]]:
    """Why no work should come yet, or None. Asks the database until the answer was good once."""
    known = versions_of(migrations)
    good = False

    async def check() -> str | None:
        nonlocal good
        good = good or not _is_behind(await _version_in(database()), known)
        return None if good else f"migrate first (python -m services.{service} migrate)"

    return check


def _is_behind(version: str | None, known: Sequence[str]) -> bool:
    """Whether migrations are to come. One that is not known is a newer release's, and serves this one too."""
    return version is None or version in known[:-1]


async def _version_in(database: Database) -> str | None:
    async with database.engine.connect() as connection:
        if not await connection.scalar(text(f"SELECT to_regclass('{SOURCE}.alembic_version') IS NOT NULL")):
            return None
        version: str | None = await connection.scalar(text(f"SELECT version_num FROM {SOURCE}.alembic_version"))
        return version
