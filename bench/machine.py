"""The machine that a result is of, and how busy it is."""

import asyncio
import os
import platform
from pathlib import Path
from typing import Any, Final

import psutil

_LOOKED_FOR: Final = 0.5
_IDLE: Final = ("idle", "iowait", "guest", "guest_nice")


def load_average() -> float:
    """Processes that ran or waited for a core or a disk, over the last minute."""
    return os.getloadavg()[0]


async def others_at_work() -> float:
    """Percent of a core that processes take which are neither this one nor started by it, over half a second."""
    everybody, ours = _busy_seconds(), _own_seconds()
    await asyncio.sleep(_LOOKED_FOR)
    taken = (_busy_seconds() - everybody) - (_own_seconds() - ours)
    return max(0.0, taken / _LOOKED_FOR * 100)


def _busy_seconds() -> float:
    times = psutil.cpu_times()._asdict()
    return float(sum(seconds for name, seconds in times.items() if name not in _IDLE))


def _own_seconds() -> float:
    this = psutil.Process()
    return sum(seconds_of(process) for process in (this, *this.children(recursive=True)))


def seconds_of(process: psutil.Process) -> float:
    """Of the processor, for a process and those of its children that ended and were waited for."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


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
