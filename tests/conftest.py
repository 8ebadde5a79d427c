"""What all tests share: the real servers, and a table at the end that counts the tests of each layer."""

import sys
from collections import Counter
from typing import Final

import hypothesis
import pytest
import structlog

from shared.testing.tokens import Issuer

pytest_plugins = ["tests.stack"]

# A time limit for each example would measure how busy the machine is.
hypothesis.settings.register_profile("talenta", deadline=None)
hypothesis.settings.load_profile("talenta")

# What a service in the background logs is not among what a command prints.
structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=sys.stderr))

LAYERS: Final = {
    "rules": "pure rules: examples and properties",
    "contracts": "events and documents: golden files, compatibility, drift",
    "architecture": "form of the house, independence of the services",
    "core": "event core, HTTP core: real broker, real PostgreSQL",
    "slices": "slices on real PostgreSQL",
    "stack": "local stack and demonstration: real servers",
    "journeys": "the whole chain over HTTP",
    "faults": "the whole chain while it is broken",
}


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    """Whose tokens the services under test take."""
    return Issuer()


def layer_of(node: str) -> str:
    """The layer of a test by where it lives: `tests/<place>/…`."""
    parts = node.partition("::")[0].split("/")
    if parts[-1].startswith("test_rules") or parts[1:3] == ["shared", "asn"]:
        return "rules"
    if parts[1] in {"contracts", "architecture", "journeys", "faults"}:
        return parts[1]
    return {"shared": "core", "deploy": "stack", "bench": "rules"}.get(parts[1], "slices")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what ran, by layer."""
    counted: dict[str, Counter[str]] = {layer: Counter() for layer in LAYERS}
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.getreports(outcome):
            if outcome == "passed" and report.when != "call":
                continue
            counted[layer_of(report.nodeid)][outcome] += 1
    terminalreporter.section("tests per layer")
    for layer, explanation in LAYERS.items():
        counts = counted[layer]
        bad = counts["failed"] + counts["error"]
        terminalreporter.write_line(f"{layer:<13}{counts['passed']:>6} passed {bad:>3} not   {explanation}")
