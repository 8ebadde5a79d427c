"""All metrics of Talenta, in one typed place: one module for each part that measures.

A name is `talenta_<part>_<what>_<unit>`; the help text says the unit and what a high value means. Labels have few
values (group, topic, route template): never an id, a NIP or a path as it was called.
"""

from typing import Final

PREFIX: Final = "talenta"
"""Namespace of all names; prometheus_client puts it before them with an underscore."""

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Buckets of durations: fine where freshness is promised (100 ms), coarse where somebody must act."""

RECORDS: Final = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)
"""Buckets of batch sizes."""
