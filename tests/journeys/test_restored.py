"""A database comes back as it was some time ago: after `after-restore` the whole chain agrees with it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest_asyncio

from deploy.demo.population import bodies
from deploy.demo.population.people import Person
from deploy.local.stack import Stack
from shared.asn.predikat import Ekspektasi
from tests.journeys.installation import Installation
from tests.journeys.people import People, differences

PEOPLE: Final = 24
LATE: Final = 6
"""People who come after the snapshot."""


class Backup:
    """The database of one service, as it was when this was made; its process ends for each of the two steps."""

    def __init__(self, talenta: Installation, stack: Stack, service: str) -> None:
        self._talenta = talenta
        self._stack = stack
        self._service = service
        self._name = talenta.database_url(service).rpartition("/")[2]

    async def make(self) -> None:
        async with self._stopped() as server:
            await server.execute(f'CREATE DATABASE "{self._name}_kept" TEMPLATE "{self._name}"')
        await self._start()

    async def bring_back(self) -> None:
        """The process is not started again."""
        async with self._stopped() as server:
            await server.execute(f'DROP DATABASE "{self._name}" WITH (FORCE)')
            await server.execute(f'ALTER DATABASE "{self._name}_kept" RENAME TO "{self._name}"')
            await server.execute(f'ALTER DATABASE "{self._name}" OWNER TO "{self._name}"')

    async def after_restore(self) -> tuple[int, str]:
        """What the command ended with and said; then the service works again."""
        outcome = await self._talenta.command(self._service, "after-restore")
        await self._start()
        return outcome

    async def _start(self) -> None:
        self._talenta.start(self._service, "all")
        await self._talenta.ready(self._service, "all")

    @asynccontextmanager
    async def _stopped(self) -> AsyncIterator[Any]:
        await self._talenta.terminate(self._service, "all")
        server = await asyncpg.connect(self._stack.database_url)
        try:
            yield server
        finally:
            await server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def talenta(stack: Stack, tmp_path: Path) -> AsyncIterator[Installation]:
    """One for each test: its history is its own."""
    async with Installation(stack, tmp_path) as running:
        yield running


async def _score(people: People, year: int, rating: Ekspektasi) -> None:
    period = {"kind": "YEARLY", "year": year}
    rows = [{"nip": nip, "period": period, "hasil": rating, "perilaku": rating} for nip in people.persons]
    await people.score(rows)


async def _everybody(people: People) -> None:
    await people.register()
    await people.assess()
    await _score(people, 2024, Ekspektasi.SESUAI)
    await _score(people, 2025, Ekspektasi.SESUAI)
    await people.settle()


async def test_a_read_model_comes_back_older_and_nothing_is_lost(talenta: Installation, stack: Stack) -> None:
    drawn = list(People.drawn(talenta, PEOPLE).persons.values())
    people, late = People(talenta, drawn[:-LATE]), People(talenta, drawn[-LATE:])
    await _everybody(people)
    backup = Backup(talenta, stack, "placement")
    await backup.make()
    await _score(people, 2025, Ekspektasi.DI_ATAS)
    await people.settle()
    await _everybody(late)
    before = [await each.snapshot() for each in (people, late)]
    await backup.bring_back()
    status, told = await backup.after_restore()
    assert (status, f"{LATE} keys stand in the topic and not in the tables" in told) == (1, True)
    # What comes now must not look old to those who follow, nor what is derived again from version 1.
    for each, rating in ((people, Ekspektasi.DI_ATAS), (late, Ekspektasi.SESUAI)):
        await _score(each, 2025, Ekspektasi.DI_BAWAH)
        await each.settle()
        await _score(each, 2025, rating)
        await each.settle()
    again = [await each.snapshot() for each in (people, late)]
    assert [differences(*pair) for pair in zip(before, again, strict=True)] == [[], []]


async def test_a_source_comes_back_older_and_all_follow_it(talenta: Installation, stack: Stack) -> None:
    people = People.drawn(talenta, PEOPLE)
    await _everybody(people)
    kept = await people.snapshot()
    backup = Backup(talenta, stack, "assessment")
    await backup.make()
    await _score(people, 2025, Ekspektasi.DI_ATAS)
    await people.settle()
    assert differences(kept, await people.snapshot()) != []
    await backup.bring_back()
    status, told = await backup.after_restore()
    assert (status, f"{PEOPLE} raised above the topic and published" in told) == (0, True)
    for nip, result in zip(people.persons, await people._for_all(people._until_met), strict=True):
        people.tokens[nip] = f"assessment.results/{people.ids[nip]}@{result['version']}"
    await people.settle()
    assert differences(kept, await people.snapshot()) == []


async def test_employees_whom_profile_has_lost_come_back_as_themselves(
    talenta: Installation, stack: Stack
) -> None:
    drawn = list(People.drawn(talenta, PEOPLE).persons.values())
    people, late = People(talenta, drawn[:-LATE]), People(talenta, drawn[-LATE:])
    await _everybody(people)
    backup = Backup(talenta, stack, "profile")
    await backup.make()
    await _everybody(late)
    known, before = dict(late.ids), [await each.snapshot() for each in (people, late)]
    await backup.bring_back()
    await _send_too_early(talenta, list(late.persons.values())[: LATE // 2])
    status, told = await backup.after_restore()
    assert (status, f"{LATE} that only the topic knew put back" in told) == (0, True)
    # Their sources send them again, as they do every night: nobody becomes another, and nobody counts twice.
    await late.register()
    await late.settle()
    assert late.ids == known
    again = [await each.snapshot() for each in (people, late)]
    assert [differences(*pair) for pair in zip(before, again, strict=True)] == [[], []]


async def _send_too_early(talenta: Installation, persons: Sequence[Person]) -> None:
    """Before `after-restore`, to an API without a worker: profile does not know them, and gives them other ids."""
    talenta.start("profile", "api")
    await talenta.ready("profile", "api")
    for person in persons:
        body = bodies.employee(person)
        url = f"{talenta.urls['profile']}/v1/employees/{body.pop('nip')}"
        answer = await talenta.client.put(url, json=body, headers=talenta.headers())
        assert answer.status_code == httpx.codes.CREATED, answer.text
    await talenta.terminate("profile", "api")
