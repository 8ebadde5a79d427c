"""A wrong clock for child processes: Python finds `shift/sitecustomize.py` before it imports anything else."""

from pathlib import Path
from typing import Final

SHIFTED: Final = {"PYTHONPATH": str(Path(__file__).parent / "shift")}
"""With `FAULTS_CLOCK_SHIFT`, seconds, the environment of a process whose clock is that much ahead."""
