"""Dead letters of items, buried as the consumer buries them, and the command line over them."""

import json
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiokafka.structs import ConsumerRecord

from shared.commands.command import Desk
from shared.db.session import Database, driver_of
from shared.dead_letters.commands import DEAD_LETTERS
from shared.dead_letters.repair import Repair
from shared.kafka.dead_letter import DeadLetter, bury
from shared.kafka.subscription import Handler, Subscription
from tests.shared.items import ITEMS, PUBLISHED, ItemState, Settings, record_of, upsert_items

NAMESPACE = "staging."
GROUP = "test.items"

Bury = Callable[..., Awaitable[list[int]]]
"""Bury records, each at the next offset; answers the ids of the dead letters."""


def record(number: int, **content: Any) -> ConsumerRecord:
    """The record at offset `number` of partition `number % 4`, as the consumer fetched it."""
    return ConsumerRecord(
        NAMESPACE + ITEMS.name,
        number % 4,
        number,
        0,
        0,
        content["key"],
        content["value"],
        None,
        0,
        0,
        content["headers"],
    )


@pytest_asyncio.fixture(loop_scope="session")
async def steps(outside: Any) -> AsyncIterator[Callable[[int], Awaitable[list[tuple[str, ...]]]]]:
    """The steps of a dead letter: action, actor, outcome, note. None of another test is there."""
    await outside.execute(
        """
        ALTER TABLE source.dead_letter_step DISABLE TRIGGER append_only;
        TRUNCATE source.dead_letter_step;
        ALTER TABLE source.dead_letter_step ENABLE TRIGGER append_only;
        """
    )

    async def read(letter_id: int) -> list[tuple[str, ...]]:
        rows = await outside.fetch(
            "SELECT action, actor, outcome, note FROM source.dead_letter_step "
            "WHERE dead_letter_id = $1 ORDER BY id",
            letter_id,
        )
        return [tuple(row) for row in rows]

    yield read


@pytest.fixture
def buried(database: Database, steps: Any) -> Bury:
    async def add(*states: ItemState | dict[str, Any], reason: str = "ValueError", first: int = 0) -> list[int]:
        contents = [record_of(state) if isinstance(state, ItemState) else state for state in states]
        letters = [DeadLetter(record(first + at, **content), reason) for at, content in enumerate(contents)]
        async with database.transaction() as session:
            await bury(session, NAMESPACE + GROUP, letters)
        async with database.reading() as session:
            driver = await driver_of(session)
            rows = await driver.fetch("SELECT id FROM source.dead_letter ORDER BY id")
        return [row["id"] for row in rows][-len(letters) :]

    return add


def subscription(handle: Handler = upsert_items) -> Subscription:
    return Subscription(GROUP, {ITEMS: ItemState}, handle)


def repair_of(database: Database, handle: Handler = upsert_items) -> Repair:
    return Repair(database, [subscription(handle)], namespace=NAMESPACE, actor="siti")


async def state_of(outside: Any, letter_id: int) -> str:
    state: str = await outside.fetchval("SELECT state FROM source.dead_letter WHERE id = $1", letter_id)
    return state


class Printed:
    """What a command ended with and printed; `told` on stderr."""

    def __init__(self, status: int, text: str, told: str) -> None:
        self.status = status
        self.text = text
        self.told = told

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def ids(self) -> list[int]:
        return [one["id"] for one in self.json["dead_letters"]]


Call = Callable[..., Awaitable[Printed]]


@pytest.fixture
def call(database: Database, capsys: pytest.CaptureFixture[str]) -> Call:
    """`dead-letters …` over the items, in this process."""

    async def run(*words: str, handle: Handler = upsert_items) -> Printed:
        parser = ArgumentParser()
        DEAD_LETTERS.add_arguments(parser)
        desk = Desk(
            database, [subscription(handle)], PUBLISHED, Settings(database_url="", kafka_namespace=NAMESPACE)
        )
        capsys.readouterr()
        status = await DEAD_LETTERS.run(desk, parser.parse_args(words))
        return Printed(status, *capsys.readouterr())

    return run
