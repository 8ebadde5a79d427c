"""One region: where it stands and why, and its people with the highest talent values."""
