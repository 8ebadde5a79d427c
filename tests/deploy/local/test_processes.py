import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from deploy.local.errors import ChildFailedError
from deploy.local.processes import Child, Record, Register, stop
from deploy.local.settings import PROJECT

_SLEEPER = "import time; print('awake', flush=True); time.sleep(600)"
_STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {_SLEEPER}"


class Household:
    """Starts Python programs, and leaves none behind whatever a test does."""

    def __init__(self, folder: Path) -> None:
        self.register = Register(folder / "processes.json")
        self.log = folder / "log"
        self.children: list[Child] = []

    async def start(self, program: str) -> Child:
        child = Child.start("sleeper", [sys.executable, "-c", program], log=self.log, register=self.register)
        self.children.append(child)
        return child

    async def started(self, program: str) -> Child:
        child = await self.start(program)
        await child.until(self._awake, within=30)
        return child

    async def _awake(self) -> bool:
        return "awake" in self.log.read_text()


@pytest_asyncio.fixture
async def household(tmp_path: Path) -> AsyncIterator[Household]:
    household = Household(tmp_path)
    yield household
    for child in household.children:
        await stop(child.process, signal.SIGKILL, grace=5)


async def test_a_child_is_registered_while_it_runs(household: Household) -> None:
    child = await household.started(_SLEEPER)
    assert [record.pid for record in household.register.read()] == [child.process.pid]
    await child.stop(grace=5)
    assert child.ended
    assert household.register.read() == []


async def test_a_child_has_a_session_of_its_own(household: Household) -> None:
    child = await household.started(_SLEEPER)
    assert os.getsid(child.process.pid) == child.process.pid


async def test_one_that_does_not_listen_is_killed(household: Household) -> None:
    child = await household.started(_STUBBORN)
    assert not await stop(child.process, signal.SIGTERM, grace=0.2)
    assert child.ended


async def test_what_a_crashed_run_left_is_recognised_and_stopped(household: Household) -> None:
    crash = f"""
import os, sys
from pathlib import Path
from deploy.local.processes import Child, Register
folder = Path(sys.argv[1])
program = [sys.executable, "-c", {_SLEEPER!r}]
Child.start("sleeper", program, log=folder / "log", register=Register(folder / "processes.json"))
os._exit(9)
"""
    command: list[str | Path] = [sys.executable, "-c", crash, household.log.parent]
    await asyncio.to_thread(subprocess.run, command, cwd=PROJECT, check=False)
    orphan = household.register.read()[0].find()
    assert orphan is not None
    await household.register.stop_left_behind()
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
    assert household.register.read() == []


async def test_a_pid_in_use_by_a_later_process_is_left_alone(household: Household) -> None:
    child = await household.started(_SLEEPER)
    record = household.register.read()[0]
    earlier = Record(record.name, record.pid, record.started - 60, record.stop_signal)
    assert record.find() is not None
    assert earlier.find() is None
    household.register.remove(child.process.pid)
    household.register.add(earlier)
    await household.register.stop_left_behind()
    assert not child.ended


async def test_the_pid_of_a_dead_process_is_stale(household: Household) -> None:
    child = await household.started(_SLEEPER)
    record = household.register.read()[0]
    child.process.kill()
    child.process.wait(timeout=10)
    assert record.find() is None


async def test_a_child_that_ends_early_is_told_with_its_log(household: Household) -> None:
    child = await household.start("raise SystemExit('out of ink')")
    with pytest.raises(ChildFailedError, match="out of ink") as failed:
        await child.until(household._awake, within=30)
    assert str(household.log) in str(failed.value)


async def test_a_command_that_cannot_be_started_is_told(household: Household) -> None:
    with pytest.raises(ChildFailedError, match="could not be started"):
        Child.start("nothing", [household.log / "none"], log=household.log, register=household.register)


async def test_a_program_that_fails_is_told(household: Household) -> None:
    how = {"log": household.log, "register": household.register}
    await Child.run("fine", [sys.executable, "-c", ""], 30, **how)
    with pytest.raises(ChildFailedError, match="failed with code 3"):
        await Child.run("broken", [sys.executable, "-c", "raise SystemExit(3)"], 30, **how)
    assert household.register.read() == []


async def test_a_damaged_register_is_no_obstacle(household: Household) -> None:
    household.log.with_name("processes.json").write_text('[{"name": "half')
    await household.register.stop_left_behind()
    assert household.register.read() == []
