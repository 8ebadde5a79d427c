"""Sends the population, waits until it has arrived, and remembers that it has."""
