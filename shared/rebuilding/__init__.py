"""Rebuilding a read model from its topics beside the one that serves; comparing, repairing, replacing it."""
