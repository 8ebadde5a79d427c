"""Alembic's entry: which tables this service has. Importing the slices declares them."""

from services.assessment.database import METADATA
from services.assessment.employees import tables as employees
from services.assessment.performance import tables as performance
from services.assessment.results import tables as results
from services.assessment.submissions import tables as submissions
from services.assessment.talent_assessments import tables as talent_assessments
from services.assessment.unmatched import tables as unmatched
from shared.db.migrations import run_environment

__all__ = ["employees", "performance", "results", "submissions", "talent_assessments", "unmatched"]

run_environment(METADATA)
