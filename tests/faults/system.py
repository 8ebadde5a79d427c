"""The four services as processes, roles apart, several workers where a fault asks for them."""

import asyncio
import os
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final, Literal, NamedTuple, Self

import asyncpg
import httpx

from deploy.local import databases
from deploy.local.databases import ServiceDatabase
from deploy.local.errors import StackError
from deploy.local.issuer import AUDIENCE, WHOLE_PROVINCE, Issuer
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Child, Register, all_of
from deploy.local.progress import say
from deploy.local.settings import PROJECT, SERVICES
from shared.auth.roles import INTEGRATOR
from shared.kafka.topics import create_topics
from tests.faults.servers import Servers
from tests.ports import free_ports
from tests.shared.conditions import until

MOST_WORKERS: Final = 3
"""Of one service at the same time."""
START_WITHIN: Final = 120.0
_STOP_WITHIN: Final = 30.0
_LOOK_EVERY: Final = 0.2
_AS_USUAL: Final[Mapping[str, str]] = MappingProxyType({})
_TOKEN_AGE: Final = 2 * 3600
"""Seconds: a clock that is an hour behind must not find that a token is not valid yet."""


class Seat(NamedTuple):
    """One process: the service, its role, and which of several."""

    service: str
    role: Literal["api", "worker"]
    number: int = 0

    def __str__(self) -> str:
        return f"{self.service}-{self.role}{self.number or ''}"


APIS: Final = tuple(Seat(service, "api") for service in SERVICES)
WORKERS: Final = tuple(Seat(service, "worker") for service in SERVICES)


@dataclass(frozen=True, slots=True)
class _Process:
    """What runs in a seat, and how it was started."""

    child: Child
    code: Path | None
    environment: Mapping[str, str]


class System:
    """`async with System(servers):` on databases and a Kafka namespace of its own. `code` is what is served.

    As a cluster would, it starts a process again that ends by itself, and counts that.
    """

    def __init__(self, servers: Servers, code: Path = PROJECT, settings: Mapping[str, str] | None = None) -> None:
        self.servers = servers
        self.code = code
        self.name = f"faults{secrets.token_hex(3)}"
        self.restarts: Counter[Seat] = Counter()
        """Of processes that ended by themselves."""
        self.folder = servers.folder / self.name
        self._settings = dict(settings or {})
        self._register = Register(self.folder / "processes.json")
        self._databases = {each: ServiceDatabase(f"{self.name}_{each}", secrets.token_hex(8)) for each in SERVICES}
        self._running: dict[Seat, _Process] = {}
        ports = iter(free_ports(1 + len(SERVICES) * (1 + MOST_WORKERS)))
        self.issuer = Issuer(self.folder, next(ports))
        self._api_ports = {service: next(ports) for service in SERVICES}
        self._worker_ports = {seat: next(ports) for seat in self.seats_of_workers()}
        self.urls = {service: f"http://{LOOPBACK}:{port}" for service, port in self._api_ports.items()}
        self.client = httpx.AsyncClient(timeout=10)
        self._ending = AsyncExitStack()

    @staticmethod
    def seats_of_workers() -> list[Seat]:
        return [Seat(service, "worker", number) for service in SERVICES for number in range(MOST_WORKERS)]

    @property
    def namespace(self) -> str:
        return f"{self.name}."

    def database_url(self, service: str) -> str:
        return self._databases[service].url(self.servers.database_url)

    def database_name(self, service: str) -> str:
        return self._databases[service].name

    def token(self) -> str:
        """Of the integrator for the whole province, issued a while ago."""
        claims = {
            "sub": "faults",
            "scope": " ".join(sorted(INTEGRATOR.scopes)),
            "roles": [INTEGRATOR.name],
            "regions": WHOLE_PROVINCE,
            "iat": int(time.time()) - _TOKEN_AGE,
        }
        return self.issuer._tokens.sign(claims, lifetime=12 * 3600)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as starting:
            starting.push_async_callback(self._drop)
            starting.enter_context(self.issuer)
            await databases.create(self.servers.database_url, list(self._databases.values()))
            await create_topics(self.servers.kafka, self.namespace)
            starting.push_async_callback(self._stop)
            await self.migrate()
            for seat in (*APIS, *WORKERS):
                self.start(seat)
            await self.all_ready()
            watching = asyncio.create_task(self._watch(), name="watching the services")
            starting.push_async_callback(_cancelled, watching)
            self._ending = starting.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._ending.aclose()

    @property
    def seats(self) -> Sequence[Seat]:
        """What runs, or should."""
        return list(self._running)

    def start(self, seat: Seat, environment: Mapping[str, str] = _AS_USUAL, code: Path | None = None) -> None:
        """Start one process; `ready` waits for it. `environment` is added to its own, at a restart too."""
        child = Child.start(
            str(seat),
            [sys.executable, "-m", f"services.{seat.service}", seat.role],
            log=self.folder / f"{seat}.log",
            register=self._register,
            environment={**self._environment(seat), **environment},
            folder=code or self.code,
        )
        self._running[seat] = _Process(child, code, environment)

    async def ready(self, seat: Seat, within: float = START_WITHIN) -> None:
        """Wait until the process answers that it can work."""
        port = self._api_ports[seat.service] if seat.role == "api" else self._worker_ports[seat]

        async def answers() -> bool:
            try:
                return (await self.client.get(f"http://{LOOPBACK}:{port}/readyz", timeout=2)).is_success
            except httpx.TransportError:
                return False

        await until(answers, within)

    async def all_ready(self) -> None:
        await all_of(self.ready(seat) for seat in self.seats)

    async def kill(self, seat: Seat) -> None:
        """End a process as a power cut would: kill -9, nothing is cleaned up."""
        await self._end(seat, signal.SIGKILL)

    async def kill_to_restart(self, seat: Seat) -> None:
        """The same, and the same again in its seat."""
        process = self._running[seat]
        await self.kill(seat)
        self.start(seat, process.environment, process.code)

    async def end(self, seat: Seat) -> None:
        """Ask a process to end, as Kubernetes does."""
        await self._end(seat, signal.SIGTERM)

    def hang(self, seat: Seat) -> None:
        """SIGSTOP: the process is there, holds what it holds, and does nothing."""
        self._running[seat].child.process.send_signal(signal.SIGSTOP)

    def wake(self, seat: Seat) -> None:
        self._running[seat].child.process.send_signal(signal.SIGCONT)

    def pid(self, seat: Seat) -> int:
        return int(self._running[seat].child.process.pid)

    @asynccontextmanager
    async def connected(self, service: str) -> AsyncIterator[Any]:
        """A look at a database as its owner, from outside."""
        connection = await asyncpg.connect(self.database_url(service), timeout=10)
        try:
            yield connection
        finally:
            await connection.close(timeout=5)

    async def migrate(self, code: Path | None = None) -> None:
        """Bring databases and topics up to date, by the release in `code`."""
        await all_of(self.operate(service, "migrate", code=code) for service in SERVICES)

    async def operate(self, service: str, *command: str, code: Path | None = None) -> None:
        """Run a command of a service to its end. Raises ChildFailedError unless it ends with 0."""
        await Child.run(
            f"{service}-{command[0]}",
            [sys.executable, "-m", f"services.{service}", *command],
            START_WITHIN,
            log=self.folder / f"{service}-{command[0]}.log",
            register=self._register,
            environment=self._environment(Seat(service, "worker")),
            folder=code or self.code,
        )

    async def _end(self, seat: Seat, by: signal.Signals) -> None:
        await replace(self._running.pop(seat).child, stop_signal=by).stop(_STOP_WITHIN)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            for seat, process in list(self._running.items()):
                if process.child.ended:
                    say(f"{seat} ended by itself with {process.child.process.returncode}; it is started again")
                    self.restarts[seat] += 1
                    self.start(seat, process.environment, process.code)

    async def _stop(self) -> None:
        for seat in self.seats:
            self.wake(seat)
        await all_of(each.child.stop(_STOP_WITHIN) for each in self._running.values())
        await self.client.aclose()

    async def _drop(self) -> None:
        names = [database.name for database in self._databases.values()]
        with suppress(StackError, OSError, asyncpg.PostgresError):
            await databases.drop(self.servers.database_url, names)

    def _environment(self, seat: Seat) -> dict[str, str]:
        values = {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": self.servers.kafka_of_services,
            "KAFKA_NAMESPACE": self.namespace,
            "AUTH_JWKS_URL": self.issuer.jwks_url,
            "AUTH_ISSUER": self.issuer.url,
            "AUTH_AUDIENCE": AUDIENCE,
            **self._settings,
        }
        prefix = seat.service.upper()
        values[f"{prefix}_DATABASE_URL"] = self.database_url(seat.service)
        values[f"{prefix}_PORT"] = str(self._api_ports[seat.service])
        if seat.role == "worker":
            values[f"{prefix}_WORKER_PORT"] = str(self._worker_ports[seat])
        return values


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
