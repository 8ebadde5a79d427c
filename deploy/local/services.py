"""The four services as child processes on the servers of a stack."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from deploy.local.issuer import AUDIENCE, Issuer
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Child, all_of, first_to_end
from deploy.local.progress import say
from deploy.local.settings import PROJECT, SERVICES
from deploy.local.stack import Stack

_MIGRATE_WITHIN = 120.0
_START_WITHIN = 90.0
_STOP_WITHIN = 6.0
Result = TypeVar("Result")


class Services:
    """`async with Services(stack, issuer):` migrates databases and topics, starts all four, waits for /readyz."""

    def __init__(self, stack: Stack, issuer: Issuer) -> None:
        self._stack = stack
        self.variables = variables_of(stack, issuer)
        """What the services read, and the commands for operations with them."""
        self._environment = {**os.environ, **self.variables}
        self._children: list[Child] = []
        self.urls = {service: f"http://{LOOPBACK}:{stack.ports[service]}" for service in SERVICES}

    async def __aenter__(self) -> Self:
        try:
            await all_of(self._migrate(service) for service in SERVICES)
            self._children = [self._start(service) for service in SERVICES]
            async with httpx.AsyncClient() as client:
                await all_of(self._ready(child, client) for child in self._children)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def while_alive(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do the work; raises ChildFailedError as soon as a service or server ends before it is done."""
        doing = asyncio.ensure_future(work)
        watching = asyncio.ensure_future(first_to_end([*self._stack.children, *self._children]))
        try:
            await asyncio.wait((doing, watching), return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
            return doing.result()
        finally:
            for task in (doing, watching):
                task.cancel()
            await asyncio.gather(doing, watching, return_exceptions=True)

    async def _migrate(self, service: str) -> None:
        await Child.run(
            f"{service}'s migration",
            [sys.executable, "-m", f"services.{service}", "migrate"],
            _MIGRATE_WITHIN,
            log=self._stack.settings.logs / f"{service}.log",
            register=self._stack.register,
            environment=self._environment,
            folder=PROJECT,
        )

    def _start(self, service: str) -> Child:
        return Child.start(
            service,
            [sys.executable, "-m", f"services.{service}", "all"],
            log=self._stack.settings.logs / f"{service}.log",
            register=self._stack.register,
            environment=self._environment,
            folder=PROJECT,
        )

    async def _ready(self, child: Child, client: httpx.AsyncClient) -> None:
        async def answers() -> bool:
            try:
                answer = await client.get(f"{self.urls[child.name]}/readyz", timeout=2)
            except httpx.TransportError:
                return False
            return answer.is_success

        await child.until(answers, _START_WITHIN)
        say(f"{child.name} is ready on {self.urls[child.name]}")

    async def _stop(self) -> None:
        if self._children:
            await all_of(child.stop(_STOP_WITHIN) for child in self._children)
            self._children = []


def variables_of(stack: Stack, issuer: Issuer) -> dict[str, str]:
    """What the services read, in whatever roles they are started.

    Each its own database and ports, all the same Kafka and issuer, and each the addresses of the others.
    """
    installation = {
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
        "KAFKA_NAMESPACE": stack.kafka_namespace,
        "AUTH_JWKS_URL": issuer.jwks_url,
        "AUTH_ISSUER": issuer.url,
        "AUTH_AUDIENCE": AUDIENCE,
    }
    for service in SERVICES:
        prefix = service.upper()
        installation[f"{prefix}_DATABASE_URL"] = stack.service_database_url(service)
        installation[f"{prefix}_PORT"] = str(stack.ports[service])
        installation[f"{prefix}_WORKER_PORT"] = str(stack.ports[f"{service}-worker"])
        for other in SERVICES:
            installation[f"{prefix}_{other.upper()}_URL"] = f"http://{LOOPBACK}:{stack.ports[other]}"
    return installation
