"""What the four services stand on. Holds no business rule and imports no service."""
