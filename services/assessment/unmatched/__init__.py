"""Unmatched measurements as operations see them: who waits how long, and what resolved the others."""
