"""Repair of dead letters: looked at, handed to their handler again, or dropped, and every step kept.

How a record becomes a dead letter stands in `shared.kafka.dead_letter`.
"""
