"""The read model rebuilt from `placement.talents`, compared with the one that serves, and repaired."""
