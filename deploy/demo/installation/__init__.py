"""What a demonstration runs against, and its two ways in: HTTP, and the databases to look into."""
