"""Compares all that the services hold and answer with what must follow."""
