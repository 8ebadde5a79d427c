"""Metric of the folder: how far what is shown is behind what was taken in."""

from typing import Final

from prometheus_client import Gauge

from shared.metrics import PREFIX

WAITING: Final = Gauge(
    "fold_waiting_people",
    "People, at most, whose new standing is not in ranks and board yet; every worker of reporting tells the same. "
    "Above 4000 for minutes: the folder stands still, or what comes in is more than it takes.",
    namespace=PREFIX,
)
