"""Migrations of the smallest service."""

from shared.db.migrations import run_environment
from tests.shared.items import METADATA

run_environment(METADATA)
