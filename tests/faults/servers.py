"""PostgreSQL and Kafka for the faults alone, which restart them and take them away."""

import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import asyncpg
import psutil

from deploy.local.kafka import Kafka
from deploy.local.passwords import Passwords
from deploy.local.ports import LOOPBACK
from deploy.local.postgres import Postgres
from deploy.local.processes import Child, Register, all_of
from deploy.local.progress import say
from deploy.local.settings import Settings
from tests.faults.proxy import Proxy
from tests.ports import free_ports

_STOP_WITHIN: Final = 20.0


class _Kafka(Kafka):
    """With a second listener, behind which clients meet the broker through the proxy."""

    def __init__(self, settings: Settings, ports: Sequence[int], register: Register) -> None:
        super().__init__(settings, port=ports[0], controller_port=ports[1], register=register)
        self._behind, self._before = ports[2:4]

    def _all_properties(self) -> str:
        controller = f"{LOOPBACK}:{self._controller_port}"
        return (
            f"{super()._all_properties()}"
            f"listeners=PLAINTEXT://{self.address},CONTROLLER://{controller},PROXY://{LOOPBACK}:{self._behind}\n"
            f"advertised.listeners=PLAINTEXT://{self.address},PROXY://{LOOPBACK}:{self._before}\n"
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXY:PLAINTEXT\n"
        )


class Servers:
    """`async with Servers(settings)`: started empty, and removed at the end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._register = Register(settings.folder / "processes.json")
        ports = free_ports(5)
        self._postgres = Postgres(
            settings, ports[0], self._register, Passwords(settings.folder / "passwords.json")
        )
        self._kafka = _Kafka(settings, ports[1:], self._register)
        self._keeps_logs = False
        self._children: dict[Postgres | Kafka, Child] = {}
        self.proxy = Proxy(ports[4], ports[3])
        self.kafka_of_services = f"{LOOPBACK}:{ports[4]}"
        """Through the proxy."""

    @property
    def folder(self) -> Path:
        return self._settings.folder

    @property
    def database_url(self) -> str:
        """Of the superuser."""
        return self._postgres.url

    @property
    def kafka(self) -> str:
        """Directly."""
        return self._kafka.address

    async def __aenter__(self) -> Self:
        try:
            await self.proxy.__aenter__()
            await all_of((self.start_postgres(), self.start_kafka()))
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()
        if error is None and not self._keeps_logs:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            say(f"logs stay in {self.folder}")

    def keep_logs(self) -> None:
        """Something is to be looked into when all is over."""
        self._keeps_logs = True

    async def start_postgres(self) -> None:
        await self._start(self._postgres)

    async def start_kafka(self) -> None:
        await self._start(self._kafka)

    async def crash_postgres(self) -> None:
        """End it at once, without a checkpoint: the next start recovers from the log."""
        await self._crash(self._postgres, signal.SIGQUIT)

    @contextmanager
    def postgres_hung(self) -> Iterator[None]:
        """SIGSTOP of all its processes: connections stand, new ones are taken, and nothing answers."""
        postmaster = psutil.Process(self._children[self._postgres].process.pid)
        postmaster.suspend()
        stopped = [postmaster, *postmaster.children(recursive=True)]
        try:
            for process in stopped:
                process.suspend()
            yield
        finally:
            for process in reversed(stopped):
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    async def crash_kafka(self) -> None:
        """As kill -9 does."""
        await self._crash(self._kafka, signal.SIGKILL)

    async def stop_kafka(self) -> None:
        await self._crash(self._kafka, signal.SIGTERM)

    async def execute(self, statement: str) -> None:
        """One statement as the superuser."""
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _start(self, server: Postgres | Kafka) -> None:
        child = self._children[server] = await server.start()
        await child.until(server.answers, server.start_within)

    async def _crash(self, server: Postgres | Kafka, by: signal.Signals) -> None:
        await replace(self._children.pop(server), stop_signal=by).stop(_STOP_WITHIN)

    async def _end(self) -> None:
        await self.proxy.__aexit__(None, None, None)
        await all_of(child.stop(_STOP_WITHIN) for child in self._children.values())
