"""The copy of the employees: repeated, late and reordered events end in the same tables."""

import random
from collections.abc import Sequence
from typing import Any

import asyncpg
import httpx
import pytest

from shared.db.moved import MOVED
from shared.events.profile import EmployeeState
from tests.assessment.conftest import Arrive
from tests.assessment.events import published
from tests.assessment.people import KENDAL, SEMARANG, employee, employee_id, nip, score
from tests.shared.notifications import heard

# 1 moves to and fro; 2 and 3 swap their NIPs through a third; 4 is given the NIP that 5 gave up.
HISTORIES: Sequence[Sequence[EmployeeState]] = (
    [employee(1, version=version, region=(SEMARANG, KENDAL)[version % 2]) for version in range(1, 6)],
    [employee(2, version=1), employee(2, version=2, bears=9), employee(2, version=3, bears=3)],
    [employee(3, version=1), employee(3, version=2, bears=2)],
    [employee(4, version=1), employee(4, version=2, bears=5)],
    [employee(5, version=1), employee(5, version=2, bears=6)],
)


async def _tables(connection: asyncpg.Connection) -> tuple[list[Any], dict[str, Any]]:
    """The copy, and whose the NIPs are that somebody bears now."""
    copy = await connection.fetch("SELECT * FROM derived.employee ORDER BY employee_id")
    links = await connection.fetch(
        "SELECT nip, employee_id FROM source.nip_subject WHERE nip IN (SELECT nip FROM derived.employee)",
    )
    return [tuple(row) for row in copy], dict(tuple(row) for row in links)


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_order_ends_in_the_same_tables(
    arrive: Arrive, connection: asyncpg.Connection, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  # a reproducible order, no secret
    events = [state for history in HISTORIES for state in history] * 2
    chance.shuffle(events)
    while events:
        size = chance.randint(1, 5)
        await arrive(*events[:size])
        events = events[size:]
    copy, links = await _tables(connection)
    newest = [history[-1] for history in HISTORIES]
    assert copy == [(state.employee_id, state.nip, state.region, state.unit_id, state.version) for state in newest]
    assert links == {state.nip: state.employee_id for state in newest}


async def test_readers_are_told_of_employees_that_arrived(arrive: Arrive, connection: asyncpg.Connection) -> None:
    async with heard(connection, MOVED) as notifications:
        await arrive(employee(1), employee(2))
    assert notifications == [f"{employee_id(1)},{employee_id(2)}"]


async def test_repeated_and_late_events_take_effect_once(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await client.post("/v1/performance-scores:batch", json={"scores": [score(1, 2024), score(1, 2025)]})
    for states in ([employee(1)], [employee(1)], [employee(1, version=3), employee(1, version=2)], [employee(1)]):
        await arrive(*states)
    assert [event.version for event in await published(connection)] == [1]
    assert (await _tables(connection))[0][0][-1] == 3


async def test_moving_publishes_nothing_and_changes_who_may_touch(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    await client.post("/v1/performance-scores", json=score(1))
    await arrive(employee(1, version=2, region=KENDAL))
    assert [event.version for event in await published(connection)] == [1]


async def test_score_by_a_former_nip_is_still_the_employees(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    await client.post("/v1/performance-scores", json=score(1, 2024))
    await arrive(employee(1, version=2, bears=2))
    by_new, by_former = [
        (await client.post("/v1/performance-scores", json=score(number, 2025, predikat))).json()
        for number, predikat in ((2, "BAIK"), (1, "KURANG"))
    ]
    assert {by_new["employee_id"], by_former["employee_id"]} == {str(employee_id(1))}
    assert by_former["outcome"] == "updated"
    assert (await published(connection))[-1].predikats == ["KURANG", "BAIK"]


async def test_nip_given_to_another_leads_to_him_and_leaves_what_was_measured(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    await arrive(employee(1))
    await client.post("/v1/performance-scores", json=score(1, 2024))
    await arrive(employee(1, version=2, bears=9))
    await arrive(employee(2, bears=1))
    answer = await client.post("/v1/performance-scores", json=score(1, 2025, "KURANG"))
    assert answer.json()["employee_id"] == str(employee_id(2))
    assert [(event.key, event.predikats) for event in await published(connection)] == [
        (employee_id(1), ["BAIK"]),
        (employee_id(2), ["KURANG"]),
    ]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_nip_that_two_bear_for_a_moment_leads_to_the_same_one_in_either_order(
    arrive: Arrive, connection: asyncpg.Connection, order: tuple[int, int]
) -> None:
    for number in order:
        await arrive(employee(number, bears=1))
    assert (await _tables(connection))[1] == {nip(1): employee_id(2)}


async def test_employees_and_results_are_locked_in_one_order_whatever_order_they_came_in(
    client: httpx.AsyncClient, arrive: Arrive, connection: asyncpg.Connection
) -> None:
    # Rows are made in the order in which they are locked.
    numbers = (40, 3, 21, 14, 6)
    await arrive(*(employee(number, version=50 - number) for number in numbers))
    await client.post("/v1/performance-scores:batch", json={"scores": [score(number) for number in numbers]})
    in_order = sorted(map(employee_id, numbers))
    for table in ("employee", "result"):
        rows = await connection.fetch(f"SELECT employee_id FROM derived.{table} ORDER BY ctid")
        assert [row["employee_id"] for row in rows] == in_order


async def test_nip_is_locked_in_one_order_whatever_order_it_came_in(
    arrive: Arrive, connection: asyncpg.Connection
) -> None:
    # Two at once in opposite order would lock each other for ever if the order of the events decided.
    await arrive(*(employee(number) for number in (3, 1, 2)))
    assert await connection.fetch("SELECT nip FROM source.nip_subject ORDER BY ctid") == [
        (nip(number),) for number in (1, 2, 3)
    ]
