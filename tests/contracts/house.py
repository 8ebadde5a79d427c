"""The four real services on loopback, each with a database of its own, and two colleagues whom all four know."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import httpx
from fastapi import FastAPI

from deploy.local.stack import Stack
from docs.generate import apps
from services.assessment.employees.projection import on_employees
from services.placement.talents.projection import take_in
from services.reporting.boards.rules import policy_in_force
from services.reporting.folding.service import fold
from services.reporting.standings.projection import projection
from shared.auth.matrix import Endpoint, endpoints_of
from shared.auth.roles import INTEGRATOR
from shared.db.engine import Role
from shared.db.session import Database
from shared.testing.tokens import Issuer
from tests.placement import people as placement
from tests.placement.arrivals import received
from tests.profile.told import NIP, OTHER_NIP, employee
from tests.reporting.people import state_of
from tests.service import bearing, listening, migrated, opened

APPS: Final[Mapping[str, FastAPI]] = apps()
ENDPOINTS: Final = [endpoint for name, app in APPS.items() for endpoint in endpoints_of(name, app)]
GUARDED: Final = [endpoint for endpoint in ENDPOINTS if endpoint.scope is not None]
UNIT: Final = {"region": "33.74", "name": "Dinas Kesehatan"}
_ELSEWHERE: Final = {"/problems/{code}": "/problems/not_found"}


@dataclass(frozen=True, slots=True)
class Person:
    """An employee of the city of Semarang; both of the house are colleagues in one unit."""

    employee_id: UUID
    nip: str

    def is_in(self, text: str) -> bool:
        return self.nip in text or str(self.employee_id) in text


@dataclass(frozen=True, slots=True)
class House:
    """Where the services listen, and who is known there."""

    addresses: Mapping[str, str]
    client: httpx.AsyncClient
    ana: Person
    budi: Person

    async def call(
        self, endpoint: Endpoint, token: str | None, person: Person | None = None, **how: Any
    ) -> httpx.Response:
        """Call an endpoint about Ana, or another person; a body is the documented example."""
        bearer = {} if token is None else {"Authorization": f"Bearer {token}"}
        body = example_of(endpoint)
        address = f"{self.addresses[endpoint.service]}{path_to(endpoint, person or self.ana)}"
        return await self.client.request(endpoint.method, address, **{"headers": bearer, "json": body, **how})


def name_of(endpoint: Endpoint) -> str:
    """The id of a parametrised test."""
    return f"{endpoint.service} {endpoint.method} {endpoint.path}"


def path_to(endpoint: Endpoint, person: Person) -> str:
    """The endpoint's address, about a person or the place where they serve."""
    if endpoint.path in _ELSEWHERE:
        return _ELSEWHERE[endpoint.path]
    path = endpoint.path.format(
        nip=person.nip,
        employee_id=person.employee_id,
        unit_id="33.74-dinkes",
        region="33.74",
        code="33.74",
        policy_id="talenta-default-1",
        follower="reporting" if endpoint.service == "placement" else "placement",
        key=person.employee_id,
    )
    asked = operation_of(endpoint).get("parameters", ())
    is_of_region = any(one["name"] == "region" and one["in"] == "query" for one in asked)
    return f"{path}?region=33.74" if is_of_region else path


def operation_of(endpoint: Endpoint) -> dict[str, Any]:
    """What the contract says of the endpoint; nothing of documents and probes."""
    paths: dict[str, Any] = APPS[endpoint.service].openapi()["paths"]
    operation: dict[str, Any] = paths.get(endpoint.path, {}).get(endpoint.method.lower(), {})
    return operation


def example_of(endpoint: Endpoint) -> Any:
    """The documented example of the body; None where the endpoint takes none."""
    body: dict[str, Any] = operation_of(endpoint).get("requestBody", {"content": {"application/json": {}}})
    return body["content"]["application/json"].get("example")


@asynccontextmanager
async def open_house(stack: Stack, issuer: Issuer) -> AsyncIterator[House]:
    """All four, filled; their databases are dropped at the end."""
    async with AsyncExitStack() as doors:
        databases = {name: await doors.enter_async_context(migrated(stack, name)) for name in APPS}
        addresses = {
            name: await doors.enter_async_context(listening(name, url, issuer)) for name, url in databases.items()
        }
        token = issuer.token_for(INTEGRATOR, regions=["33.*"])
        async with bearing(addresses["profile"], token) as profile:
            await profile.put("/v1/units/33.74-dinkes", json=UNIT)
            ana, budi = [await _known(profile, nip) for nip in (NIP, OTHER_NIP)]
        workers = {
            name: await doors.enter_async_context(opened(url, name, Role.WORKER, pool_size=2))
            for name, url in databases.items()
        }
        for person in (ana, budi):
            await _tell_the_others(person, workers)
        client = await doors.enter_async_context(httpx.AsyncClient(timeout=30))
        yield House(addresses, client, ana, budi)


async def _known(profile: httpx.AsyncClient, nip: str) -> Person:
    answer = await profile.put(f"/v1/employees/{nip}", json=employee())
    return Person(UUID(answer.json()["employee_id"]), nip)


async def _tell_the_others(person: Person, workers: Mapping[str, Database]) -> None:
    """What the workers would take in."""
    employed = placement.employee(person.employee_id, nip=person.nip, unit_id="33.74-dinkes")
    standing = state_of(0, employee_id=person.employee_id, unit_id="33.74-dinkes")
    async with workers["assessment"].transaction() as session:
        await on_employees(session, [received(employed)])
    async with workers["placement"].transaction() as session:
        await take_in(session, [received(employed), received(placement.assessment(person.employee_id))])
    async with workers["reporting"].transaction() as session:
        await projection(lambda: None)(session, [received(standing)])
    async with workers["reporting"].transaction() as session:
        await fold(session, policy_in_force())
