"""Alembic's entry: which tables this service has. Importing the slices declares them."""

from services.placement.database import METADATA
from services.placement.policies import tables as policies
from services.placement.talents import tables as talents
from shared.db.migrations import run_environment

__all__ = ["policies", "talents"]

run_environment(METADATA)
