"""Migrations that must work while the release before still serves."""
