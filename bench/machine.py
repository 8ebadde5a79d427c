"""The machine that a result is of, and how busy it is."""

import os
import platform
from pathlib import Path
from typing import Any

import psutil


def load_average() -> float:
    """Processes that ran or waited for a core or a disk, over the last minute."""
    return os.getloadavg()[0]


def machine() -> dict[str, Any]:
    """What to know before figures of two machines are compared."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_average_at_start": round(load_average(), 2),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
