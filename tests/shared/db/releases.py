"""The migrations of a release made up for a test."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

_ENVIRONMENT = """
from sqlalchemy import MetaData

from shared.db.migrations import run_environment

run_environment(MetaData())
"""
_VERSION = """
from alembic import op

revision, down_revision = {version!r}, {before!r}


def upgrade():
    op.execute("CREATE TABLE source.made_by_{version} AS SELECT current_setting('tcp_keepalives_idle') AS idle")
"""


def release(folder: Path, versions: Iterable[str]) -> Path:
    """Migrations in `folder`, each of which makes a table `source.made_by_<version>` that tells of its session."""
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(_ENVIRONMENT)
    for before, version in pairwise((None, *versions)):
        (folder / "versions" / f"{version}_made_up.py").write_text(
            _VERSION.format(version=version, before=before),
        )
    return folder
