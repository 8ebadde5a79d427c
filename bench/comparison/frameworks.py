"""The environment of the frameworks to compare with: made on the first use, beside what does not measure."""

import asyncio
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from deploy.local.processes import Child
from deploy.local.settings import PROJECT
from deploy.local.stack import Stack

_FOLDER: Final = PROJECT / ".local" / "comparison"
_LOCK: Final = PROJECT / "requirements" / "comparison.txt"
_PIP: Final = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", _LOCK)
_WITHIN: Final = 300.0


class Frameworks:
    """`async with Frameworks(stack, wanted=…)`: installed meanwhile, where they are wanted and not there yet."""

    def __init__(self, stack: Stack, *, wanted: bool) -> None:
        self._stack, self._wanted = stack, wanted

    async def __aenter__(self) -> Self:
        self._installing = asyncio.create_task(self._install())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._installing.cancel()
        await asyncio.wait([self._installing])

    async def settled(self) -> None:
        """Wait until nothing is being installed any more, be it that it failed."""
        await asyncio.wait([self._installing])

    async def interpreter(self) -> Path:
        """Of their environment. Raises ChildFailedError."""
        return await self._installing

    async def _install(self) -> Path:
        interpreter, ready = _FOLDER / "bin" / "python", _FOLDER / ".ready"
        if self._wanted and not (ready.exists() and ready.read_bytes() == _LOCK.read_bytes()):
            how = {"log": self._stack.settings.logs / "comparison-install.log", "register": self._stack.register}
            await Child.run("venv", [sys.executable, "-m", "venv", "--clear", _FOLDER], _WITHIN, **how)
            await Child.run("the frameworks to compare with", [interpreter, *_PIP], _WITHIN, **how)
            ready.write_bytes(_LOCK.read_bytes())
        return interpreter
