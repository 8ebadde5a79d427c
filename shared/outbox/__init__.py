"""Outbox: events are rows written with the change itself; the relay alone publishes them."""
