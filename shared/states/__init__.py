"""The states that a service publishes, as its own tables hold them: read, counted and published again."""
