"""Bulk begins only while what came before is passed on in time, and always where waiting helps nobody."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Final

import pytest
import pytest_asyncio
from aiokafka.errors import KafkaError
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database
from shared.kafka import chain
from shared.kafka.consumer import BatchConsumer
from shared.kafka.positions import Position, Positions
from shared.kafka.subscription import Handler, Received, Subscription
from shared.kafka.topology import Hop
from shared.outbox.pacing import NoTurn, Pace
from shared.outbox.pressure import look
from tests.ports import free_ports
from tests.shared.conditions import until
from tests.shared.conftest import Stack
from tests.shared.items import ITEMS, ItemState, item, upsert_items
from tests.shared.outbox.conftest import StartRelay, publish

GROUP: Final = "test.items"
HOP: Final = Hop(ITEMS, GROUP)
ROWS: Final = 200
_NUMBERS: Final = count()


@pytest_asyncio.fixture(loop_scope="session")
async def positions(stack: Stack, namespace: str) -> AsyncIterator[Positions]:
    asking = Positions(stack.kafka_bootstrap_servers, namespace, [HOP])

    async def answered() -> bool:
        # A broker that has just been started coordinates no groups yet.
        try:
            await asking.ask()
        except KafkaError:
            return False
        return True

    await until(answered)
    yield asking
    await asking.close()


@asynccontextmanager
async def paced(
    database: Database, positions: Positions, *, delay: float = 0.3, wait: float = 30.0
) -> AsyncIterator[Pace]:
    pace = Pace(database, positions, longest_delay=delay, longest_wait=wait)
    try:
        yield pace
    finally:
        await pace.close()


@asynccontextmanager
async def following(
    stack: Stack, database: Database, namespace: str, handle: Handler = upsert_items
) -> AsyncIterator[None]:
    member = BatchConsumer(
        Subscription(GROUP, {ITEMS: ItemState}, handle),
        database,
        bootstrap_servers=stack.kafka_bootstrap_servers,
        namespace=namespace,
        batch_records=100,
    )
    running = asyncio.create_task(member.run())
    yield
    member.stop()
    await running


async def write(database: Database, pace: Pace) -> None:
    """A batch of new items: of an item that comes twice, the relay may publish the newest state only."""
    number = next(_NUMBERS)
    async with pace.turn(ROWS), database.transaction() as session:
        await publish(session, *(item(f"i{number}x{row}") for row in range(ROWS)))


async def test_queues_behind_a_slow_follower_stay_short_and_all_is_taken_in(
    stack: Stack, database: Database, namespace: str, positions: Positions, start_relay: StartRelay
) -> None:
    taken = deepest = 0

    async def slow(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
        nonlocal taken, deepest
        deepest = max(deepest, entered * ROWS - taken)
        await asyncio.sleep(0.1)
        await upsert_items(session, received)
        taken += len(received)

    entered = 0

    async def enter(pace: Pace) -> None:
        nonlocal entered
        await write(database, pace)
        entered += 1

    start_relay()
    async with paced(database, positions) as pace, following(stack, database, namespace, slow):
        await asyncio.gather(*(enter(pace) for _ in range(15)))

        async def all_taken() -> bool:
            return taken >= 15 * ROWS

        await until(all_taken, within=60)
    assert deepest <= 8 * ROWS, "of fifteen batches at once, the later ones were let in later"


async def test_without_a_pace_the_same_queues_are_as_deep_as_what_comes_in(
    stack: Stack, database: Database, namespace: str, positions: Positions, start_relay: StartRelay
) -> None:
    start_relay()
    async with paced(database, positions, delay=1e9) as pace:
        await asyncio.gather(*(write(database, pace) for _ in range(15)))
    at = Position(0, 0)

    async def all_there() -> bool:
        nonlocal at
        at = (await positions.ask())[HOP]
        return at.end == 15 * ROWS

    await until(all_there)
    assert at.taken == 0


async def test_who_does_not_get_his_turn_is_told_and_nothing_is_begun(
    stack: Stack, database: Database, namespace: str, positions: Positions, start_relay: StartRelay
) -> None:
    letting_go = asyncio.Event()

    async def held(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
        await letting_go.wait()
        await upsert_items(session, received)

    start_relay()
    async with (
        paced(database, positions, delay=0.1, wait=0.5) as pace,
        following(stack, database, namespace, held),
    ):
        with pytest.raises(NoTurn):
            await asyncio.gather(*(write(database, pace) for _ in range(20)))
        letting_go.set()
        await until_open(pace)


async def until_open(pace: Pace) -> None:
    async def opened() -> bool:
        try:
            async with pace.turn(ROWS):
                return True
        except NoTurn:
            return False

    await until(opened)


async def test_follower_that_stands_still_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, database: Database, positions: Positions, start_relay: StartRelay
) -> None:
    monkeypatch.setattr(chain, "PATIENCE", 0.5)
    start_relay()
    async with paced(database, positions, delay=0.1) as pace:
        for _ in range(10):
            await write(database, pace)


async def test_broker_that_is_away_is_not_waited_for(outside: Any, database: Database, namespace: str) -> None:
    nowhere = Positions(f"127.0.0.1:{free_ports(1)[0]}", namespace, [HOP])
    async with paced(database, nowhere, delay=0.0, wait=5.0) as pace:
        await asyncio.gather(*(write(database, pace) for _ in range(30)))
    assert (await look(database)).rows == 30 * ROWS


async def test_nobody_looks_when_bulk_has_ended(
    monkeypatch: pytest.MonkeyPatch, database: Database, positions: Positions
) -> None:
    monkeypatch.setattr("shared.outbox.pacing._LOOKED_ON", 0.2)
    async with paced(database, positions) as pace:
        await write(database, pace)

        async def at_rest() -> bool:
            return not any(task.get_name() == "bulk-pace" for task in asyncio.all_tasks())

        await until(at_rest)
        await write(database, pace)
