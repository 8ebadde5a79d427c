"""Chooses one person, posts one score, and tells what it moved."""
