"""The table of docs/reliability.md, as it came out of one run."""

import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from deploy.local.settings import PROJECT
from tests.faults.trial import Outcome

DOCUMENT: Final = PROJECT / "docs" / "reliability.md"
BEGIN: Final = "<!-- made by python -m tests.faults: begin -->"
END: Final = "<!-- made by python -m tests.faults: end -->"


def write_table(outcomes: Sequence[Outcome], seed: str, left_out: str = "", document: Path = DOCUMENT) -> None:
    """Replace what stands between the marks. Raises ValueError where they are missing."""
    before, begun, rest = document.read_text().partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise ValueError(f"{document} has no place for the table")
    document.write_text(f"{before}{BEGIN}\n\n{table_of(outcomes, seed, left_out)}\n{END}{after}")


def table_of(outcomes: Sequence[Outcome], seed: str, left_out: str = "") -> str:
    """A line a run, and what could not be run."""
    lines = [
        f"Commit {_commit()}, {datetime.now(UTC):%Y-%m-%d}, seed `{seed}`, on {_machine()}.",
        "",
        "| fault | writes acknowledged | lost | doubled | seconds to recover |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {each.name} | {each.acknowledged:,} | {each.lost} | {each.doubled} | {each.seconds:.1f} |"
        for each in outcomes
    ]
    total = sum(each.acknowledged for each in outcomes)
    lost, doubled = sum(each.lost for each in outcomes), sum(each.doubled for each in outcomes)
    lines.append(
        f"| **all** | {total:,} | {lost} | {doubled} | {max(each.seconds for each in outcomes):.1f} at most |"
    )
    return "\n".join([*lines, *(["", left_out] if left_out else [])]) + "\n"


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=10"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "unknown"


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"
