"""Alembic's entry: which tables this service has. Importing the slices declares them."""

from services.profile.database import METADATA
from services.profile.employees import tables as employees
from services.profile.units import tables as units
from shared.db.migrations import run_environment

__all__ = ["employees", "units"]

run_environment(METADATA)
