"""Alembic's entry: which tables this service has. Importing the slices declares them."""

from services.reporting.boards import tables as boards
from services.reporting.database import METADATA
from services.reporting.folding import tables as folding
from services.reporting.standings import tables as standings
from shared.db.migrations import run_environment

__all__ = ["boards", "folding", "standings"]

run_environment(METADATA)
