"""The broker goes away and comes back: what was accepted is published, and nothing has to be done for it."""

import asyncio
import json
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest_asyncio
from aiokafka import AIOKafkaConsumer

from deploy.local.kafka import Kafka
from deploy.local.processes import Child, Register
from deploy.local.settings import Settings
from shared.auth.roles import INTEGRATOR
from shared.db.session import Database
from shared.kafka.topics import EMPLOYEES, create_topics
from shared.outbox.relay import Relay
from shared.outbox.signal import RelaySignal
from shared.testing.tokens import Issuer
from tests.ports import free_ports
from tests.profile.told import NIP, employee
from tests.service import bearing, listening
from tests.shared.conditions import until

LONGEST_AGE: Final = 3.0
_LONGEST_STOP: Final = 20.0


class Broker:
    """A Kafka that this test may stop and start."""

    def __init__(self) -> None:
        self._settings = Settings.from_environment(f"away-{secrets.token_hex(4)}")
        self._settings.folder.mkdir(parents=True)
        port, controller = free_ports(2)
        register = Register(self._settings.folder / "processes.json")
        self._kafka = Kafka(self._settings, port=port, controller_port=controller, register=register)
        self._child: Child | None = None

    @property
    def address(self) -> str:
        return self._kafka.address

    async def start(self) -> None:
        self._child = await self._kafka.start()
        await self._child.until(self._kafka.answers, self._kafka.start_within)

    async def stop(self) -> None:
        if self._child:
            await self._child.stop(_LONGEST_STOP)
            self._child = None

    def remove(self) -> None:
        shutil.rmtree(self._settings.folder, ignore_errors=True)


@pytest_asyncio.fixture(loop_scope="session")
async def broker() -> AsyncIterator[Broker]:
    made = Broker()
    try:
        await made.start()
        await create_topics(made.address)
        yield made
    finally:
        await made.stop()
        made.remove()


@asynccontextmanager
async def relaying(database_url: str, database: Database, broker: Broker) -> AsyncIterator[None]:
    signal = RelaySignal.of(database.engine)
    relay = Relay(database_url, signal, service="profile", bootstrap_servers=broker.address)
    running = asyncio.create_task(relay.run())
    yield
    relay.stop()
    await running


@asynccontextmanager
async def profile_beside(database_url: str, broker: Broker, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    how = {"kafka_bootstrap_servers": broker.address, "outbox_longest_age": LONGEST_AGE}
    token = issuer.token_for(INTEGRATOR, regions=["33.*"])
    async with (
        listening("profile", database_url, issuer, **how) as address,
        bearing(address, token) as client,
    ):
        yield client


class Writing:
    """Changes one employee again and again; knows the version of what was accepted last."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._number = 0
        self.version = 0

    async def write(self) -> httpx.Response:
        self._number += 1
        answer = await self._client.put(f"/v1/employees/{NIP}", json=employee(name=f"Contoh {self._number}"))
        if answer.is_success:
            self.version = answer.json()["version"]
        return answer

    async def accepted(self) -> bool:
        return (await self.write()).is_success

    async def refused(self) -> bool:
        return not await self.accepted()


async def newest_version(broker: Broker) -> int:
    """Of the last record of the employee in the topic; 0 where there is none."""
    reader = AIOKafkaConsumer(
        EMPLOYEES.name, bootstrap_servers=broker.address, auto_offset_reset="earliest", group_id=None
    )
    async with reader:
        ends = await reader.end_offsets(reader.assignment())
        newest = 0
        for tp, end in ends.items():
            while await reader.position(tp) < end:
                for record in (await reader.getmany(tp, timeout_ms=200)).get(tp, ()):
                    newest = max(newest, json.loads(record.value)["version"])
    return newest


async def test_writes_are_accepted_until_the_bound_and_again_when_the_broker_is_back(
    database_url: str, database: Database, empty: None, connection: Any, issuer: Issuer, broker: Broker
) -> None:
    async with (
        relaying(database_url, database, broker),
        profile_beside(database_url, broker, issuer) as client,
    ):
        await client.put("/v1/units/33.74-dinkes", json={"region": "33.74", "name": "Dinas Kesehatan"})
        writing = Writing(client)
        assert (await writing.write()).status_code == 201
        await until(lambda: is_empty(connection))

        await broker.stop()
        assert (await writing.write()).status_code == 200
        assert "away" in (await client.get("/readyz")).json()["checks"]["broker"]
        await until(writing.refused, within=LONGEST_AGE * 10)
        refused = await writing.write()
        assert (refused.status_code, refused.json()["code"]) == (503, "writes_paused")
        assert refused.headers["retry-after"] == "30"
        accepted = writing.version
        assert accepted > 2, "until then they were accepted"
        batch = await client.post("/v1/employees:batch", json={"employees": [{"nip": NIP} | employee()]})
        assert (batch.status_code, batch.json()["code"]) == (503, "writes_paused")
        assert (await client.get(f"/v1/employees/{NIP}")).json()["version"] == accepted
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert "waits for" in ready.json()["checks"]["outbox"]
        assert (await client.get("/livez")).status_code == 200

        await broker.start()
        await until(writing.accepted, within=60)
        await until(lambda: is_empty(connection), within=60)
        assert await newest_version(broker) == writing.version > accepted
        assert (await client.get("/readyz")).json()["status"] == "ok"


async def is_empty(connection: Any) -> bool:
    return not await connection.fetchval("SELECT EXISTS (SELECT FROM source.outbox)")
