"""Every metric bears the name of its house, says what it counts, and has labels that identify nobody."""

import importlib
import pkgutil
from typing import Final

import pytest
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

import shared.metrics

LABELS: Final = {"group", "method", "role", "route", "status", "topic"}
"""Labels with few values, all of them known before anybody calls."""
MODULES: Final = [
    importlib.import_module(f"shared.metrics.{found.name}")
    for found in pkgutil.iter_modules(shared.metrics.__path__)
]
METRICS: Final = [
    metric
    for module in MODULES
    for metric in vars(module).values()
    if isinstance(metric, Counter | Gauge | Histogram)
]


def name_of(metric: MetricWrapperBase) -> str:
    return next(iter(metric.describe())).name


def test_every_module_of_metrics_has_some() -> None:
    assert {module.__name__ for module in MODULES} == {
        f"shared.metrics.{part}" for part in ("checking", "db", "folding", "http", "kafka", "outbox", "pressure")
    }
    assert len(METRICS) > len(MODULES)


@pytest.mark.parametrize("metric", METRICS, ids=name_of)
def test_a_metric_is_of_talenta_says_what_it_counts_and_names_nobody(metric: MetricWrapperBase) -> None:
    described = next(iter(metric.describe()))
    assert described.name.startswith(f"{shared.metrics.PREFIX}_")
    assert described.documentation.endswith(".")
    assert set(metric._labelnames) <= LABELS
