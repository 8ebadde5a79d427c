"""Rebuilding the copies of employees, while more of them change and scores come in."""

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from deploy.local.stack import Stack
from shared.auth.roles import INTEGRATOR
from shared.events.profile import EmployeeState
from shared.kafka.topics import EMPLOYEES
from shared.testing.tokens import Issuer
from tests.assessment.people import employee, employee_id, nip, received, score
from tests.service import bearing, listening
from tests.shared.rebuilding.scene import Scene, Telling, meanwhile, scene_of

PEOPLE: Final = 60
REGIONS: Final = ("33.74", "33.24")


class Told(Telling):
    """The newest of everybody."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene, seed=5)
        self.newest: dict[int, EmployeeState] = {}

    async def tell(self, *numbers: int) -> None:
        for number in numbers:
            known = self.newest.get(number)
            # Some get another NIP, and the old one still leads to them.
            bears = number + 300 if known and self.chance.random() < 0.2 else None
            state = employee(
                number,
                version=known.version + 1 if known else 1,
                region=self.chance.choice(REGIONS),
                bears=bears,
            )
            self.newest[number] = state
            await self.scene.publish(EMPLOYEES, [state], received(state).cause)
            self.count += 1

    async def tell_somebody(self) -> None:
        await self.tell(self.chance.randrange(20, PEOPLE))


@pytest_asyncio.fixture(loop_scope="session")
async def scene(stack: Stack) -> AsyncIterator[Scene]:
    async with scene_of(stack, "assessment") as scene:
        yield scene


@pytest_asyncio.fixture(loop_scope="session")
async def told(scene: Scene) -> AsyncIterator[Told]:
    async with Told(scene).working(*range(PEOPLE), *range(20, PEOPLE, 3)) as told:
        yield told


async def damage(outside: Any) -> None:
    for number, statement in enumerate(
        (
            "UPDATE derived.employee SET region = '33.01' WHERE employee_id = $1",
            "DELETE FROM derived.employee WHERE employee_id = $1",
            "UPDATE derived.employee SET version = version + 9 WHERE employee_id = $1",
            "UPDATE derived.employee SET version = 0, unit_id = 'gone' WHERE employee_id = $1",
            "DELETE FROM source.nip_subject WHERE employee_id = $1",
        ),
        start=1,
    ):
        await outside.execute(statement, employee_id(number))
    await outside.execute(
        "UPDATE source.nip_subject SET employee_id = $1 WHERE employee_id = $2", employee_id(7), employee_id(6)
    )
    await outside.execute(
        "INSERT INTO derived.employee VALUES ($1, $2, '33.74', 'x', 1)", employee_id(500), nip(500)
    )


async def wrong(scene: Scene, told: Told) -> list[Any]:
    """Copies and links that are not what follows from the newest states."""
    rows = await scene.outside.fetch("SELECT employee_id, nip, region, unit_id, version FROM derived.employee")
    links = {
        row[0]: row[1] for row in await scene.outside.fetch("SELECT nip, employee_id FROM source.nip_subject")
    }
    must_be = {(one.employee_id, one.nip, one.region, one.unit_id, one.version) for one in told.newest.values()}
    return [
        *({tuple(row) for row in rows} ^ must_be),
        *(one.nip for one in told.newest.values() if links.get(one.nip) != one.employee_id),
    ]


async def test_nothing_differs_where_nothing_is_wrong(scene: Scene, told: Told) -> None:
    async with meanwhile(told.tell_somebody, 0.03):
        assert await scene.rebuild() == 0
    await told.taken_in()
    assert await wrong(scene, told) == []


async def test_a_look_names_what_differs_and_no_nip(
    scene: Scene, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    await damage(scene.outside)
    assert await scene.rebuild(json=True) == 1
    printed = capsys.readouterr().out
    differences = json.loads(printed)["differences"]
    # Where a row is missing, that says all.
    assert {row["columns"] for row in differences["first"] if row["cause"] == "missing"} == {""}
    found = {(row["table"], row["cause"]): row["rows"] for row in differences["causes"]}
    assert found == {
        ("employee", "missing"): 1,
        ("employee", "stale"): 1,
        ("employee", "ahead of the topic"): 1,
        ("employee", "not from the topic"): 1,
        ("employee", "other content at the same version"): 1,
        ("link of the NIP", "missing"): 1,
        ("link of the NIP", "leads to somebody else"): 1,
    }
    assert nip(6) not in printed
    assert nip(500) not in printed


async def test_repairs_all_of_it_while_more_comes_in(scene: Scene, told: Told, issuer: Issuer) -> None:
    await damage(scene.outside)
    token = issuer.token_for(INTEGRATOR, regions=["33.*"])
    async with (
        listening("assessment", scene.settings.database_url, issuer) as address,
        bearing(address, token) as client,
    ):

        async def post(number: int) -> None:
            answer = await client.post("/v1/performance-scores", json=score(number))
            assert answer.status_code < 300, answer.text

        # Nobody bears this NIP as long as the copy is missing: the score waits, and takes effect with the repair.
        await post(2)
        assert await scene.outside.fetchval("SELECT count(*) FROM source.unmatched") == 1
        async with meanwhile(told.tell_somebody, 0.02), meanwhile(lambda: post(10), 0.05):
            assert await scene.rebuild(apply=True) == 0
    await told.taken_in()
    assert await wrong(scene, told) == []
    assert await scene.outside.fetchval("SELECT count(*) FROM source.unmatched") == 0
    assert (
        await scene.outside.fetchval(
            "SELECT count(*) FROM source.performance_score WHERE employee_id = $1", employee_id(2)
        )
        == 1
    )
    assert await scene.rebuild() == 0


async def test_a_swap_loses_nothing(scene: Scene, told: Told) -> None:
    await damage(scene.outside)
    async with meanwhile(told.tell_somebody, 0.02):
        assert await scene.rebuild(swap=True) == 0
    await told.taken_in()
    assert await wrong(scene, told) == []
