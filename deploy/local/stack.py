"""The servers of one local stack: PostgreSQL and Kafka, its own or given, with a database for each service."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import databases, given_kafka
from deploy.local.databases import ServiceDatabase
from deploy.local.errors import StackError
from deploy.local.kafka import Kafka
from deploy.local.passwords import Passwords
from deploy.local.ports import choose_ports
from deploy.local.postgres import Postgres
from deploy.local.processes import Child, Register, all_of
from deploy.local.progress import say
from deploy.local.settings import SERVICES, Settings

_STOP_WITHIN = 9.0
"""With the 6 s of the services before: within the 15 s that a person waits after Ctrl-C."""
_KEPT = frozenset({"lock", "ports.json", "logs"})
"""What outlives the emptying of a folder: it is held, its addresses stay, and the last run can be looked into."""


class Stack:
    """`async with Stack(settings) as stack:` starts the servers that are not given, and stops them at the end.

    Entering raises StackError with the way out; nothing that was started stays behind then.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.register = Register(settings.folder / "processes.json")
        self.ports: dict[str, int] = {}
        self.database_url = settings.database_url or ""
        """Of a superuser."""
        self.kafka_bootstrap_servers = settings.kafka_bootstrap_servers or ""
        self.kafka_namespace = settings.kafka_namespace
        self.children: list[Child] = []
        """The servers that this stack started; none of them should end before it does."""
        self._passwords = Passwords(settings.folder / "passwords.json")
        self._to_stop = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as starting:
            starting.enter_context(_alone_in(self.settings.folder))
            await self.register.stop_left_behind()
            _set_aside(self.settings.logs)
            if self.settings.kafka_bootstrap_servers:
                await given_kafka.check(self.settings.kafka_bootstrap_servers)
            if self.settings.emptied:
                await self._empty()
            self.ports = choose_ports(self.settings.folder / "ports.json")
            await self._start_servers(starting)
            await databases.create(self.database_url, [self._database(service) for service in SERVICES])
            self._to_stop = starting.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._to_stop.aclose()

    def service_database_url(self, service: str) -> str:
        """Of the service's own role in its own database."""
        return self._database(service).url(self.database_url)

    async def clear_given_servers(self) -> None:
        """Remove this stack's databases and topics from servers that are not its own; nothing else there."""
        if self.settings.database_url:
            await databases.drop(self.settings.database_url, [self.settings.database(each) for each in SERVICES])
        if self.settings.kafka_bootstrap_servers:
            await given_kafka.drop(self.settings.kafka_bootstrap_servers, self.settings.kafka_namespace)

    def _database(self, service: str) -> ServiceDatabase:
        name = self.settings.database(service)
        return ServiceDatabase(name, self._passwords.of(name))

    async def _start_servers(self, starting: contextlib.AsyncExitStack) -> None:
        """Both start at the same time, and stop at the same time: neither needs the other."""
        servers = self._own_servers()
        starting.push_async_callback(self._stop_servers)
        for server in servers:
            self.children.append(await server.start())
        for server, child in zip(servers, self.children, strict=True):
            await child.until(server.answers, server.start_within)
            say(f"{child.name} is ready on {server.address}")

    async def _stop_servers(self) -> None:
        await all_of(child.stop(_STOP_WITHIN) for child in self.children)

    def _own_servers(self) -> list[Postgres | Kafka]:
        servers: list[Postgres | Kafka] = []
        if self.settings.database_url is None:
            postgres = Postgres(self.settings, self.ports["postgres"], self.register, self._passwords)
            self.database_url = postgres.url
            servers.append(postgres)
        if self.settings.kafka_bootstrap_servers is None:
            kafka = Kafka(
                self.settings,
                port=self.ports["kafka"],
                controller_port=self.ports["kafka-controller"],
                register=self.register,
            )
            self.kafka_bootstrap_servers = kafka.address
            servers.append(kafka)
        return servers

    async def _empty(self) -> None:
        say(f"removing what an earlier run left in {self.settings.folder}")
        await self.clear_given_servers()
        for path in self.settings.folder.iterdir():
            if path.is_dir() and path.name not in _KEPT:
                shutil.rmtree(path)
            elif path.name not in _KEPT:
                path.unlink()


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder for this run. The kernel lets go of the lock when its holder dies, so it cannot be stale."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
    except PermissionError as error:
        raise StackError(
            f"{folder} belongs to another user. Start as that user, or give another folder."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise StackError(
                f"{folder} sedang dipakai / is in use by another run (pid {lock.read().strip() or 'unknown'}). "
                "Hentikan dahulu / stop it first, or give another folder."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _set_aside(logs: Path) -> None:
    """Keep the logs of the run before this one, and none that is older."""
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".previous"))
