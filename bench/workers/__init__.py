"""How fast one, two and four worker processes take in the same backlog."""
