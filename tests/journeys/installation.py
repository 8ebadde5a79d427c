"""The four services as processes of their own, on databases and a Kafka namespace of their own."""

import asyncio
import os
import secrets
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

import httpx

from deploy.local import databases
from deploy.local.databases import ServiceDatabase
from deploy.local.issuer import AUDIENCE, WHOLE_PROVINCE, Issuer
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Child, Register
from deploy.local.settings import PROJECT, SERVICES
from deploy.local.stack import Stack
from shared.kafka.topics import create_topics
from tests.ports import free_ports

Role = Literal["all", "api", "worker"]
TOGETHER: Final[dict[str, tuple[Role, ...]]] = dict.fromkeys(SERVICES, ("all",))
START_WITHIN: Final = 90.0
STOP_WITHIN: Final = 30.0


class Installation:
    """`async with Installation(stack, folder, roles) as talenta:`. Each role of a service is one process."""

    def __init__(self, stack: Stack, folder: Path, roles: dict[str, tuple[Role, ...]] | None = None) -> None:
        self.name = f"journey{os.getpid()}x{secrets.token_hex(3)}"
        self._stack = stack
        self._folder = folder
        self._roles = roles or TOGETHER
        self._register = Register(folder / "processes.json")
        self._databases = {
            service: ServiceDatabase(f"{self.name}_{service}", secrets.token_hex(8)) for service in SERVICES
        }
        self.processes: dict[tuple[str, Role], Child] = {}
        ports = iter(free_ports(2 * len(SERVICES) + 1))
        self.issuer = Issuer(folder, next(ports))
        self._ports = {service: (next(ports), next(ports)) for service in SERVICES}
        self.urls = {service: f"http://{LOOPBACK}:{api}" for service, (api, _) in self._ports.items()}
        self.worker_urls = {service: f"http://{LOOPBACK}:{worker}" for service, (_, worker) in self._ports.items()}
        self.client = httpx.AsyncClient(timeout=60)

    def database_url(self, service: str) -> str:
        return self._databases[service].url(self._stack.database_url)

    def headers(self, role: str = "integrator", *, employee_id: str | None = None) -> dict[str, str]:
        """The header of a caller: the whole province, or one employee himself."""
        regions = () if employee_id else WHOLE_PROVINCE
        return {"Authorization": f"Bearer {self.issuer.mint(role, regions=regions, employee_id=employee_id)}"}

    async def __aenter__(self) -> Self:
        self.issuer.__enter__()
        try:
            await databases.create(self._stack.database_url, list(self._databases.values()))
            await create_topics(self._stack.kafka_bootstrap_servers, f"{self.name}.")
            await asyncio.gather(*(self._migrate(service) for service in SERVICES))
            for service, roles in self._roles.items():
                for role in roles:
                    self.start(service, role)
            await asyncio.gather(*(self.ready(service, role) for service, role in self.processes))
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    def start(self, service: str, role: Role) -> None:
        """Start one process; `ready` waits for it."""
        self.processes[service, role] = Child.start(
            f"{service}-{role}",
            [sys.executable, "-m", f"services.{service}", role],
            log=self._folder / f"{service}-{role}.log",
            register=self._register,
            environment=self._environment(),
            folder=PROJECT,
        )

    async def ready(self, service: str, role: Role) -> None:
        """Wait until the process answers that it can work."""
        url = (self.worker_urls if role == "worker" else self.urls)[service]

        async def answers() -> bool:
            try:
                return (await self.client.get(f"{url}/readyz", timeout=2)).is_success
            except httpx.TransportError:
                return False

        await self.processes[service, role].until(answers, START_WITHIN)

    async def kill(self, service: str, role: Role) -> None:
        """End a process as a power cut would: SIGKILL, nothing is cleaned up."""
        child = self.processes.pop((service, role))
        child.process.kill()
        await asyncio.to_thread(child.process.wait, 10)

    async def terminate(self, service: str, role: Role) -> int:
        """Ask a process to end, as Kubernetes does; its exit code."""
        child = self.processes.pop((service, role))
        await child.stop(STOP_WITHIN)
        return int(child.process.returncode)

    async def command(self, service: str, *words: str) -> tuple[int, str]:
        """A command, run to its end as an operator of the province: its status and what it printed."""
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"services.{service}", *words),
            env=self._environment()
            | {"TALENTA_TOKEN": self.issuer.mint("province_operator", regions=WHOLE_PROVINCE)},
            cwd=PROJECT,
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await running.communicate()
        return int(running.returncode or 0), printed.decode()

    async def _end(self) -> None:
        await asyncio.gather(*(child.stop(STOP_WITHIN) for child in self.processes.values()))
        await self.client.aclose()
        self.issuer.__exit__(None, None, None)
        await databases.drop(self._stack.database_url, [database.name for database in self._databases.values()])

    async def _migrate(self, service: str) -> None:
        await Child.run(
            f"{service}-migrate",
            [sys.executable, "-m", f"services.{service}", "migrate"],
            START_WITHIN,
            log=self._folder / f"{service}-migrate.log",
            register=self._register,
            environment=self._environment(),
            folder=PROJECT,
        )

    def _environment(self) -> dict[str, str]:
        values = {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": self._stack.kafka_bootstrap_servers,
            "KAFKA_NAMESPACE": f"{self.name}.",
            "AUTH_JWKS_URL": self.issuer.jwks_url,
            "AUTH_ISSUER": self.issuer.url,
            "AUTH_AUDIENCE": AUDIENCE,
        }
        for service, (api, worker) in self._ports.items():
            values[f"{service.upper()}_DATABASE_URL"] = self.database_url(service)
            values[f"{service.upper()}_PORT"] = str(api)
            values[f"{service.upper()}_WORKER_PORT"] = str(worker)
            values |= {f"{service.upper()}_{other.upper()}_URL": url for other, url in self.urls.items()}
        return values
