"""Who calls, what a call needs, and whose data it may touch. Denied unless something allows it."""
