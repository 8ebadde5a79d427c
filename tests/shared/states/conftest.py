"""Items as the states that a service is the source of."""

import json
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from shared.commands.command import Command, Desk
from shared.commands.performing import perform
from shared.db.session import Database
from shared.states.published import PublishedStates
from tests.shared.conftest import Stack
from tests.shared.items import PUBLISHED, Settings

Outbox = Callable[[], Awaitable[list[tuple[str, int]]]]
"""Key and version of each row, in the order in which they will be published."""


class Printed(NamedTuple):
    """What a command ended with and printed."""

    status: int
    text: str
    told: str
    """On stderr."""

    @property
    def json(self) -> Any:
        return json.loads(self.text)


Call = Callable[..., Coroutine[Any, Any, Printed]]


@pytest.fixture
def desk(stack: Stack, database: Database, core_database_url: str, namespace: str) -> Desk:
    settings = Settings(
        database_url=core_database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        kafka_namespace=namespace,
    )
    return Desk(database, (), PUBLISHED, settings)


@pytest.fixture
def call(desk: Desk, capsys: pytest.CaptureFixture[str]) -> Call:
    """A command over the items, in this process."""

    async def run(command: Command, *words: str, published: PublishedStates = PUBLISHED) -> Printed:
        parser = ArgumentParser()
        command.add_arguments(parser)
        capsys.readouterr()
        status = await perform(command.run, replace(desk, published=published), parser.parse_args(words))
        return Printed(status, *capsys.readouterr())

    return run


@pytest.fixture
def outbox(outside: Any) -> Outbox:
    async def read() -> list[tuple[str, int]]:
        rows = await outside.fetch("SELECT key, version FROM source.outbox ORDER BY id")
        return [(row["key"], row["version"]) for row in rows]

    return read


async def store_items(outside: Any, count: int, version: int = 1) -> list[str]:
    """Put items into the table as if they had been published; their keys in order."""
    keys = [f"i{number:04}" for number in range(count)]
    await outside.execute(
        "INSERT INTO derived.item SELECT key, $2, 0 FROM unnest($1::text[]) AS key",
        keys,
        version,
    )
    return keys
