"""`verify` of the four services: while scores go on coming in, and after a single row was changed by hand."""

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from itertools import count
from random import Random
from typing import Any, Final

import pytest
import pytest_asyncio

from deploy.demo.population import bodies
from deploy.local.settings import SERVICES
from deploy.local.stack import Stack
from shared.asn.predikat import Ekspektasi
from shared.commands.command import Desk
from shared.db.engine import Role
from shared.verification.differences import Kind
from tests.journeys.installation import Installation
from tests.journeys.people import People
from tests.journeys.planting import A_ROW, PLANTED, SUMS, Found, found_in, planted
from tests.service import opened

PEOPLE: Final = 200
A_BATCH: Final = 20
A_WHILE: Final = 10
"""Batches that come in while a service is verified again and again."""
NOT_OF_ALL: Final = ("source.unmatched", "derived.region_tally", "derived.value_histogram")
AT_REST: Final = ("--patience", "0.3")
"""Nobody writes: there is little to wait for."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[People]:
    """In an installation of their own: nobody else may meet what is planted here."""
    async with Installation(stack, tmp_path_factory.mktemp("verify")) as talenta:
        people = People.drawn(talenta, PEOPLE)
        await people.register()
        await people.assess()
        await people.score([row for one in people.persons.values() for row in bodies.performance_scores(one)])
        await people.settle()
        yield people


Verify = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture
def verify(people: People, capsys: pytest.CaptureFixture[str]) -> Verify:
    """`verify --json …` of a service in this process: its status, and what it printed."""

    async def run(service: str, *words: str) -> tuple[int, dict[str, Any]]:
        talenta = people.talenta
        command = import_module(f"services.{service}.verification.commands").VERIFY
        made = import_module(f"services.{service}.__main__").SERVICE
        parser = ArgumentParser()
        command.add_arguments(parser)
        upstream = [word for name, url in talenta.urls.items() for word in ("--upstream", f"{name}={url}")]
        arguments = parser.parse_args(["--json", "--pace", "1", "--patience", "5", *upstream, *words])
        settings = made.settings(
            database_url=talenta.database_url(service),
            talenta_token=talenta.headers("province_operator")["Authorization"].removeprefix("Bearer "),
        )
        async with opened(settings.database_url, service, Role.WORKER, pool_size=2) as database:
            status = await command.run(Desk(database, (), made.published, settings), arguments)
        return status, json.loads(capsys.readouterr().out)

    return run


def _scores(people: People) -> Iterator[list[dict[str, Any]]]:
    chance = Random(14)  # noqa: S311  # reproducible on purpose
    nips = sorted(people.persons)
    for _ in count():
        yield [
            {
                "nip": nip,
                "period": {"kind": "YEARLY", "year": chance.choice(range(2021, 2026))},
                "hasil": chance.choice(list(Ekspektasi)),
                "perilaku": chance.choice(list(Ekspektasi)),
            }
            for nip in chance.sample(nips, A_BATCH)
        ]


@asynccontextmanager
async def _writing(people: People) -> AsyncIterator[list[int]]:
    """Scores come in, batch by batch, as fast as they are taken; the list has one entry a batch."""
    taken: list[int] = []

    async def write() -> None:
        for rows in _scores(people):
            await people.score(rows)
            taken.append(len(rows))

    writing = asyncio.create_task(write())
    try:
        yield taken
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing


async def test_nothing_differs_while_writes_go_on(people: People, verify: Verify) -> None:
    async with _writing(people) as taken:
        for service in SERVICES:
            until = len(taken) + A_WHILE
            while len(taken) < until:
                status, told = await verify(service)
                assert (status, told["count"], told["differences"]) == (0, 0, [])
                # Of people; those who are not active are in no sum, and nobody waits.
                compared = {one["of"]: one["compared"] for one in told["checks"]}
                assert set(compared.values()) - {compared.get(name) for name in NOT_OF_ALL} == {PEOPLE}
    await people.settle()


async def test_it_is_a_command_of_every_service(people: People) -> None:
    ran = await asyncio.gather(*(people.talenta.command(service, "verify") for service in SERVICES))
    assert [status for status, _ in ran] == [0] * len(SERVICES)
    assert all(printed.endswith("\n0 differences\n") for _, printed in ran)


async def test_what_cannot_be_asked_is_no_difference(people: People) -> None:
    status, printed = await people.talenta.command(
        "reporting", "verify", "--upstream", "placement=http://127.0.0.1:9"
    )
    assert status == 2
    assert printed.endswith("\n0 differences, but not to the end of placement.talents\n")


@pytest.mark.parametrize(("home", "table", "where", "change", "found"), PLANTED, ids=lambda value: str(value)[:40])
async def test_a_single_changed_row_of_a_person_is_found(
    people: People, verify: Verify, home: str, table: str, where: str, change: str, found: dict[str, list[Found]]
) -> None:
    async with planted(people, home, table, A_ROW.format(table=table, where=where), change) as row:
        for service, expected in found.items():
            status, told = await verify(service, *AT_REST)
            assert found_in(told) == expected
            assert {one["key"] for one in told["differences"]} <= {str(row["employee_id"])}
            assert status == bool(expected)


@pytest.mark.parametrize(("table", "change", "expected"), SUMS, ids=lambda value: str(value)[:40])
async def test_a_single_changed_number_of_a_region_is_found(
    people: People, verify: Verify, table: str, change: str, expected: Found
) -> None:
    first = f"region = (SELECT min(region) FROM derived.{table})"
    async with planted(people, "reporting", f"derived.{table}", first, change) as row:
        status, told = await verify("reporting", "--only", "own")
        assert (status, found_in(told)) == (1, [expected])
        assert told["differences"][0]["key"] == row["region"]


@pytest.mark.parametrize("scope", ["region/%", "province/%", "nation"])
async def test_a_single_changed_count_of_a_histogram_is_found(people: People, verify: Verify, scope: str) -> None:
    one = f"(scope, block) = (SELECT scope, block FROM derived.value_histogram WHERE scope LIKE '{scope}' LIMIT 1)"
    change = "counts[1] = coalesce(counts[1], 0) + 1"
    async with planted(people, "reporting", "derived.value_histogram", one, change) as row:
        status, told = await verify("reporting", "--only", "own")
        [difference] = [one for one in told["differences"] if one["key"] == row["scope"]]
        block = row["block"]
        assert status == 1
        assert difference["fields"].keys() == {f"{block}.00", f"total of block {block}"}


async def test_who_is_missing_or_unknown_is_told(people: People, verify: Verify) -> None:
    """A row that is gone at the follower is missing there; one that is gone at the source is unknown to it."""
    one = A_ROW.format(table="derived.employee", where="true")
    async with planted(people, "assessment", "derived.employee", one, None):
        _, told = await verify("assessment", "--only", "upstream", *AT_REST)
        assert found_in(told) == [(Kind.MISSING, "profile.employees", {"version"})]
    one = A_ROW.format(table="derived.result", where="true")
    async with planted(people, "assessment", "derived.result", one, None):
        _, told = await verify("placement", "--only", "upstream", *AT_REST)
        assert found_in(told) == [(Kind.UNKNOWN, "assessment.results", {"version"})]
        _, told = await verify("assessment", "--only", "own")
        assert found_in(told) == [(Kind.DERIVATION, "derived.result", {"version"})]
