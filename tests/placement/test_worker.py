"""The worker on a real broker: both topics in, talents out."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.stack import Stack
from services.placement.settings import Settings
from services.placement.worker import jobs, subscriptions
from shared.db.session import Database
from shared.events.contract import State
from shared.events.envelope import cause_of, headers_of
from shared.events.placement import TalentState
from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS, Topic, create_topics
from shared.worker import run_worker
from tests.placement.arrivals import BEGINNING, received
from tests.placement.people import NAME, NIP, assessment, employee
from tests.shared.conditions import until


@pytest_asyncio.fixture
async def namespace(stack: Stack) -> AsyncIterator[str]:
    """Topics of this test alone."""
    name = f"placement{os.getpid()}."
    await create_topics(stack.kafka_bootstrap_servers, name)
    yield name
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap_servers)
    await admin.start()
    await admin.delete_topics([topic for topic in await admin.list_topics() if topic.startswith(name)])
    await admin.close()


@pytest_asyncio.fixture
async def running_worker(
    stack: Stack, namespace: str, database_url: str, database: Database
) -> AsyncIterator[None]:
    settings = Settings(
        database_url=database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        kafka_namespace=namespace,
    )
    stopping = asyncio.Event()
    running = asyncio.create_task(
        run_worker(
            settings,
            database,
            subscriptions=subscriptions(database),
            jobs=jobs(settings, database),
            stopping=stopping,
        ),
    )
    yield
    stopping.set()
    await running


async def _produce(stack: Stack, namespace: str, topic: Topic, states: Sequence[State]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap_servers) as producer:
        for state in states:
            cause = received(state, f"{topic.name}/cause").cause
            headers = headers_of(
                topic=topic.name, key=state.key, version=state.version, contract=state.CONTRACT, cause=cause
            )
            await producer.send(
                namespace + topic.name,
                state.model_dump_json().encode(),
                key=state.key.encode(),
                headers=headers,
            )


@pytest.mark.usefixtures("running_worker")
async def test_both_topics_in_and_talents_out(
    stack: Stack,
    namespace: str,
    connection: asyncpg.Connection,
) -> None:
    people = [employee(uuid4()) for _ in range(40)]
    await _produce(stack, namespace, RESULTS, [assessment(person.employee_id) for person in people])
    await _produce(stack, namespace, EMPLOYEES, people)

    async def all_published() -> bool:
        boxed = await connection.fetchval("SELECT count(*) FROM derived.talent WHERE box = 8 AND in_pool")
        waiting = await connection.fetchval("SELECT count(*) FROM source.outbox")
        return bool(boxed == len(people) and waiting == 0)

    await until(all_published, within=30)
    assert await connection.fetchval("SELECT count(*) FROM source.dead_letter") == 0

    last: dict[str, bytes] = {}
    async with AIOKafkaConsumer(
        namespace + TALENTS.name,
        bootstrap_servers=stack.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
    ) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    last[record.key.decode()] = record.value
                    assert cause_of(dict(record.headers)).origin_time == BEGINNING
                    assert NIP.encode() not in record.value
                    assert NAME.encode() not in record.value
    states = [TalentState.model_validate_json(value) for value in last.values()]
    assert {state.key for state in states} == {person.key for person in people}
    assert {(state.box, state.in_pool, state.inputs.employee) for state in states} == {(8, True, 1)}
