"""How fresh a single score stays while a file of scores is imported, and what that costs the import."""
