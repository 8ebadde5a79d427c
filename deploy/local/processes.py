"""Child processes of the stack: each in a session of its own, recognised after a crash, stopped in order.

A process is told from a later one with the same pid by its start time, which psutil compares.
"""

import asyncio
import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from pwd import struct_passwd
from typing import Any, NoReturn

import psutil

from deploy.local.errors import ChildFailedError
from deploy.local.files import write_whole
from deploy.local.progress import say, waiting

_LOOK_EVERY = 0.02
_WATCH_EVERY = 0.5
_SAME_START = 2.0
"""Seconds by which two readings of one process's start may differ when the clock was corrected in between."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the next run must know to recognise and stop a process of a run that crashed."""

    name: str
    pid: int
    started: float
    stop_signal: int

    def find(self) -> psutil.Process | None:
        """The living process of this record, or None when it is gone, even if its pid is in use again."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started) < _SAME_START and not _ended(process):
                return process
        return None


class Register:
    """The processes of one stack in the order of their start, in a file (JSON list of records)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Record]:
        try:
            return [Record(**entry) for entry in json.loads(self._path.read_text())]
        except (OSError, ValueError, TypeError):
            return []

    def add(self, record: Record) -> None:
        self._write([*self.read(), record])

    def remove(self, pid: int) -> None:
        self._write([record for record in self.read() if record.pid != pid])

    def _write(self, records: Sequence[Record]) -> None:
        write_whole(self._path, json.dumps([asdict(record) for record in records], indent=2) + "\n")

    async def stop_left_behind(self, grace: float = 5.0) -> None:
        """Stop what a crashed run left running, last started first, so that its files and ports are free."""
        for record in reversed(self.read()):
            if process := record.find():
                say(f"stopping {record.name} (pid {record.pid}), left behind by a run that did not end cleanly")
                await stop(process, signal.Signals(record.stop_signal), grace)
        self._write([])


@dataclass(frozen=True, slots=True)
class Child:
    """A running server or service of this stack."""

    name: str
    process: psutil.Popen
    log: Path
    register: Register
    stop_signal: signal.Signals

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        register: Register,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: struct_passwd | None = None,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> "Child":
        """Start the command in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor.

        Root drops to `user`. Output is appended to `log`. Raises ChildFailedError.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            try:
                process = psutil.Popen(
                    [str(part) for part in command],
                    stdout=output,
                    stderr=output,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    user=user.pw_uid if user else None,
                    group=user.pw_gid if user else None,
                    extra_groups=[] if user else None,
                    env=None if environment is None else dict(environment),
                    cwd=folder,
                )
            except OSError as error:
                raise ChildFailedError(name, f"could not be started ({error})", log) from error
        register.add(Record(name, process.pid, process.create_time(), stop_signal))
        return cls(name, process, log, register, stop_signal)

    @classmethod
    async def run(cls, name: str, command: Sequence[str | Path], within: float, **how: Any) -> None:
        """Run a short program to its end (`how` as for start); raises ChildFailedError unless it ends with 0."""
        child = cls.start(name, command, **how)
        try:
            async with waiting(name):
                ended = await _gone(child.process, within)
        finally:
            await stop(child.process, child.stop_signal, grace=1.0)
            child.register.remove(child.process.pid)
        if not ended:
            raise ChildFailedError(name, f"was not done within {within:.0f} s", child.log)
        if child.process.returncode:
            raise ChildFailedError(name, f"failed with code {child.process.returncode}", child.log)

    @property
    def ended(self) -> bool:
        return _ended(self.process)

    async def until(self, ready: Callable[[], Awaitable[bool]], within: float) -> None:
        """Wait for the condition; raises ChildFailedError when it ends first or `within` seconds are over."""
        deadline = time.monotonic() + within
        async with waiting(self.name):
            while not await ready():
                if self.ended:
                    raise ChildFailedError(self.name, f"ended with code {self.process.returncode}", self.log)
                if time.monotonic() > deadline:
                    raise ChildFailedError(self.name, f"was not ready within {within:.0f} s", self.log)
                await asyncio.sleep(_LOOK_EVERY)

    async def stop(self, grace: float) -> None:
        """Ask it to end, insist after `grace` seconds, and forget it."""
        if await stop(self.process, self.stop_signal, grace):
            say(f"{self.name} has stopped")
        else:
            say(f"{self.name} did not stop within {grace:.0f} s and was killed; its log: {self.log}")
        self.register.remove(self.process.pid)


async def all_of(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all at the same time; when one fails the others are cancelled, and have ended before it is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def first_to_end(children: Sequence[Child]) -> NoReturn:
    """Watch until one ends that should not; raises ChildFailedError."""
    while True:
        for child in children:
            if child.ended:
                raise ChildFailedError(child.name, f"ended with code {child.process.returncode}", child.log)
        await asyncio.sleep(_WATCH_EVERY)


async def stop(process: psutil.Process | psutil.Popen, first: signal.Signals, grace: float) -> bool:
    """End a process; False when it had to be killed."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(first)
    if await _gone(process, grace):
        return True
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
    await _gone(process, grace)
    return False


async def _gone(process: psutil.Process | psutil.Popen, within: float) -> bool:
    deadline = time.monotonic() + within
    while not _ended(process):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_LOOK_EVERY)
    return True


def _ended(process: psutil.Process | psutil.Popen) -> bool:
    """Reaps a child of ours. A zombie of a crashed run has ended too, whoever fails to reap it."""
    try:
        process.wait(timeout=0)
    except psutil.TimeoutExpired:
        return not isinstance(process, psutil.Popen) and _is_zombie(process)
    return True


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
