"""The services as processes on the servers of the bench's own stack, in the roles that a measurement needs."""

import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

import httpx

from deploy.local.issuer import Issuer
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Child, all_of
from deploy.local.services import variables_of
from deploy.local.settings import PROJECT, SERVICES
from deploy.local.stack import Stack

Role = Literal["all", "api", "worker"]
TOGETHER: Final[Sequence[Role]] = ("all",)
"""One process a service, as `make run` starts them."""
APART: Final[Sequence[Role]] = ("api", "worker")
"""Two processes a service, as in production."""

_START_WITHIN: Final = 120.0
_STOP_WITHIN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Program:
    """A process to start and wait for; `url` is where it says that it is ready."""

    name: str
    command: Sequence[str]
    url: str
    environment: Mapping[str, str]


def environment_of(stack: Stack, issuer: Issuer) -> dict[str, str]:
    """That of the bench, and what the four services read."""
    return {**os.environ, **variables_of(stack, issuer)}


def services_in(stack: Stack, issuer: Issuer, roles: Sequence[Role]) -> list[Program]:
    """All four services, each in these roles."""
    environment = environment_of(stack, issuer)
    return [
        Program(
            f"{service}-{role}",
            ("-m", f"services.{service}", role),
            f"http://{LOOPBACK}:{stack.ports[f'{service}-worker' if role == 'worker' else service]}",
            environment,
        )
        for service in SERVICES
        for role in roles
    ]


@asynccontextmanager
async def running(stack: Stack, programs: Sequence[Program]) -> AsyncIterator[list[Child]]:
    """All of them, ready; stopped at the end."""
    children: list[Child] = []
    try:
        children += (_start(stack, program) for program in programs)
        async with httpx.AsyncClient() as client:
            await all_of(_ready(child, program, client) for child, program in zip(children, programs, strict=True))
        yield children
    finally:
        await all_of(child.stop(_STOP_WITHIN) for child in children)


async def migrate(stack: Stack, service: str, environment: Mapping[str, str]) -> None:
    """Bring the database that the environment names up to date."""
    await Child.run(
        f"{service}'s migration",
        [sys.executable, "-m", f"services.{service}", "migrate"],
        _START_WITHIN,
        log=stack.settings.logs / f"{service}-migrate.log",
        register=stack.register,
        environment=environment,
        folder=PROJECT,
    )


def _start(stack: Stack, program: Program) -> Child:
    return Child.start(
        program.name,
        [sys.executable, *program.command],
        log=stack.settings.logs / f"{program.name}.log",
        register=stack.register,
        environment=program.environment,
        folder=PROJECT,
    )


async def _ready(child: Child, program: Program, client: httpx.AsyncClient) -> None:
    async def answers() -> bool:
        try:
            return (await client.get(f"{program.url}/readyz", timeout=2)).is_success
        except httpx.TransportError:
            return False

    await child.until(answers, _START_WITHIN)
