"""Databases filled, without any service, with exactly what the services must come to."""

import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg

from deploy.demo.installation.installation import PerService
from deploy.demo.population.people import Person, Population
from deploy.demo.recomputation.expected import Inputs
from deploy.demo.recomputation.recounting import Recount
from deploy.demo.verification import comparing
from deploy.local import databases
from deploy.local.databases import ServiceDatabase
from deploy.local.settings import PROJECT, SERVICES
from deploy.local.stack import Stack
from services.reporting.ranks.rules import BLOCK
from shared.db.migrations import upgrade

TODAY: Final = date(2026, 3, 2)
INPUTS: Final = Inputs(Population(300, date(2026, 1, 1)), {})
_OTHERS: Final = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0 AND attnotnull AND attname <> ALL ($2::text[])
"""


class Filled:
    """Four migrated databases on the server of a stack, and how to fill, change and drop them."""

    def __init__(self, stack: Stack) -> None:
        mark = secrets.token_hex(4)
        self._superuser_url = stack.database_url
        self._made = {service: ServiceDatabase(f"demo_{mark}_{service}", mark) for service in SERVICES}
        self.urls = PerService(**{name: made.url(self._superuser_url) for name, made in self._made.items()})

    async def create(self) -> None:
        await databases.create(self._superuser_url, list(self._made.values()))

    def migrate(self) -> None:
        """Runs an event loop of its own: to be called in a thread."""
        for service in SERVICES:
            migrations = PROJECT / "services" / service / "migrations"
            upgrade(Path(migrations), getattr(self.urls, service))

    async def drop(self) -> None:
        await databases.drop(self._superuser_url, [made.name for made in self._made.values()])

    async def execute(self, service: str, statement: str, *values: Any) -> None:
        connection = await asyncpg.connect(getattr(self.urls, service))
        try:
            await connection.execute(statement, *values)
        finally:
            await connection.close()

    async def fill(self, inputs: Inputs, on: date) -> None:
        """Everybody of the population, evaluated on a day, and all that adds up."""
        recount, people = Recount(), list(inputs.population.people())
        talents, folded = [], []
        for person in people:
            evaluation = inputs.talent(person, on)
            recount.add(person, evaluation)
            key = {"employee_id": UUID(int=person.index), "version": 2}
            talents.append({**key, **comparing.talent_of(person, evaluation), "evaluated_on": on})
            folded.append({**key, **comparing.folded_of(person, evaluation)})
        units = {person.unit_id: person.region for person in people}
        unit_rows = [{"unit_id": unit, "region": region} for unit, region in units.items()]
        await self._insert("profile", "source.unit", unit_rows)
        await self._insert("profile", "source.employee", [_employee(person) for person in people])
        await self._insert("placement", "derived.talent", talents)
        await self._insert("reporting", "derived.folded", folded)
        await self._insert("reporting", "derived.region_tally", tallies_of(recount))
        await self._insert("reporting", "derived.value_histogram", histograms_of(recount))
        await self._insert("reporting", "derived.board_row", _board(recount))

    async def _insert(self, service: str, table: str, rows: Sequence[dict[str, Any]]) -> None:
        columns = list(rows[0])
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        connection = await asyncpg.connect(getattr(self.urls, service))
        try:
            # What the verification does not look at may stay empty here, whatever the service says.
            for (column,) in await connection.fetch(_OTHERS, table, columns):
                await connection.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" DROP NOT NULL')
            await connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})",
                [tuple(row[column] for column in columns) for row in rows],
            )
        finally:
            await connection.close()


def tallies_of(recount: Recount) -> list[dict[str, Any]]:
    """Rows of reporting's `region_tally`."""
    names = ["active", "with_value", "value_sum", "with_x", "x_sum", "with_y", "y_sum", "boxed", "in_pool"]
    return [
        {"region": region, **{name: tally[name] for name in names}} for region, tally in recount.tallies.items()
    ]


def histograms_of(recount: Recount) -> list[dict[str, Any]]:
    """Rows of reporting's `value_histogram`."""
    rows: dict[tuple[str, int], list[int]] = {}
    for scope, values in recount.ascending.items():
        if not scope.startswith("unit/"):
            for value in values:
                rows.setdefault((scope, value // BLOCK), [0] * BLOCK)[value % BLOCK] += 1
    return [
        {"scope": scope, "block": block, "total": sum(counts), "counts": counts}
        for (scope, block), counts in rows.items()
    ]


def _employee(person: Person) -> dict[str, Any]:
    return {"employee_id": UUID(int=person.index), "nip": person.nip, "unit_id": person.unit_id}


def _board(recount: Recount) -> list[dict[str, Any]]:
    return [{"region": region, **row} for region, row in comparing.expected_board(recount).items()]
