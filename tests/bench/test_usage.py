"""What children take, and waiting until they have nothing left to do."""

import subprocess
import sys
from pathlib import Path

import psutil

from bench.machine import seconds_of
from bench.usage import _proportional_bytes, until_at_rest
from deploy.local.processes import Child, Register

_BUSY_FOR = 3.0
_WORKS_AND_RESTS = f"""
import time
while time.process_time() < {_BUSY_FOR}:
    pass
time.sleep(600)
"""


async def test_rest_begins_when_the_work_is_done(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WORKS_AND_RESTS]
    child = Child.start("at work", command, log=tmp_path / "log", register=Register(tmp_path / "register"))
    try:
        await until_at_rest([child])
        assert seconds_of(child.process) > _BUSY_FOR * 0.9  # the system counts in ticks
    finally:
        await child.stop(grace=5.0)


def test_what_ends_while_it_is_counted_takes_no_memory() -> None:
    with psutil.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert _proportional_bytes(process) > 0
        process.kill()
        process.wait()
        assert _proportional_bytes(process) == 0
