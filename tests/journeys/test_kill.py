"""kill -9 of a worker while 10,000 scores stream in changes nothing in the end, compared by NIP."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from shared.asn.predikat import Ekspektasi
from tests.journeys.installation import Installation, Role
from tests.journeys.people import People, Snapshot, differences

PEOPLE: Final = 500
SCORES: Final = 10_000
A_BATCH: Final = 250
KILLED_AFTER: Final = 12
STARTED_AGAIN_AFTER: Final = 20
YEARS: Final = range(2021, 2026)
ROLES: Final[dict[str, tuple[Role, ...]]] = {
    "profile": ("all",),
    "assessment": ("all",),
    "placement": ("api", "worker"),
    "reporting": ("api", "worker"),
}


def _stream(people: People) -> Iterator[list[dict[str, Any]]]:
    """The same 10,000 scores in every run: each person's are given and given again, for five years."""
    chance = Random(9)  # noqa: S311  # reproducible on purpose
    nips = sorted(people.persons)
    for _ in range(SCORES // A_BATCH):
        yield [
            {
                "nip": nip,
                "period": {"kind": "YEARLY", "year": chance.choice(YEARS)},
                "hasil": chance.choice(list(Ekspektasi)),
                "perilaku": chance.choice(list(Ekspektasi)),
            }
            for nip in chance.sample(nips, A_BATCH)
        ]


async def _run(stack: Stack, folder: Path, victim: str | None) -> Snapshot:
    """Stream everything in; `victim`'s worker is killed in the midst and started again some batches later."""
    async with Installation(stack, folder, ROLES) as talenta:
        people = People.drawn(talenta, PEOPLE)
        await people.register()
        await people.assess()
        for batch, rows in enumerate(_stream(people)):
            await people.score(rows)
            if victim and batch == KILLED_AFTER:
                await talenta.kill(victim, "worker")
            if victim and batch == STARTED_AGAIN_AFTER:
                talenta.start(victim, "worker")
        await people.settle()
        return await people.snapshot()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def undisturbed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return await _run(stack, tmp_path_factory.mktemp("undisturbed"), victim=None)


@pytest.mark.parametrize("victim", ["placement", "reporting"])
async def test_killed_worker_loses_nothing_and_counts_nothing_twice(
    stack: Stack, tmp_path: Path, undisturbed: Snapshot, victim: str
) -> None:
    disturbed = await _run(stack, tmp_path, victim)
    assert len(undisturbed.people) == PEOPLE
    assert differences(undisturbed, disturbed) == []


def test_a_single_changed_rank_would_be_noticed(undisturbed: Snapshot) -> None:
    nip = next(iter(undisturbed.people))
    changed = {**undisturbed.people, nip: {**undisturbed.people[nip], "talent": None}}
    assert len(differences(undisturbed, Snapshot(changed, undisturbed.regions))) == 1
