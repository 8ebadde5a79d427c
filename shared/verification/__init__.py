"""Proving that what is derived follows from what is stored, and that followers hold what was published."""
