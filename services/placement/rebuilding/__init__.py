"""The talents rebuilt from their inputs, compared with those that serve, and repaired."""
