"""Reporting: what it adds up to. Regional merit ranking and the ranks of people, folded from `placement.talents`.

Consumes `placement.talents`, publishes `reporting.standings`.
"""

__version__ = "0.1.0"
