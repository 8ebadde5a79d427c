"""What assessment derives is recomputed from the measurements, the register and what waits."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg
import httpx
import pytest

from services.assessment.verification import service
from services.assessment.verification.service import examine_links, examine_results, examine_waiting
from shared.auth.roles import INTEGRATOR
from shared.db.session import Database
from shared.verification.examination import Examination
from tests.assessment.conftest import Arrive, CallAs
from tests.assessment.people import SEMARANG, employee, employee_id, score, talent

SCORES: Final = "/v1/performance-scores"
TALENTS: Final = "/v1/talent-assessments"


async def examine(check: Callable[[Examination], Awaitable[None]], database: Database) -> Examination:
    examination = Examination("derived", database)
    await check(examination)
    return examination


def found(examination: Examination) -> dict[str, dict[str, tuple[Any, Any]]]:
    return {one.key: dict(one.fields) for one in examination.differences}


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SLICE", 2)


async def _measure(client: httpx.AsyncClient, arrive: Arrive, *, people: int) -> None:
    await arrive(*(employee(number) for number in range(people)))
    for number in range(people):
        await client.post(SCORES, json=score(number))
        await client.post(SCORES, json=score(number, predikat="SANGAT_BAIK"))
        await client.post(TALENTS, json=talent(number, jpm=90, potential=88))


@pytest.mark.parametrize("people", [0, 1, 2, 5])
async def test_untouched_nothing_differs(
    client: httpx.AsyncClient, arrive: Arrive, database: Database, connection: asyncpg.Connection, people: int
) -> None:
    await _measure(client, arrive, people=people)
    for check in (examine_results, examine_links):
        examination = await examine(check, database)
        assert (examination.compared, examination.count) == (people, 0)


async def test_untouched_results_are_the_same_to_the_letter(
    client: httpx.AsyncClient, arrive: Arrive, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parsed(body: str) -> None:
        raise AssertionError(body)

    await _measure(client, arrive, people=3)
    await client.post(TALENTS, json=talent(0, jpm=70))
    monkeypatch.setattr(service, "from_json", parsed)
    assert (await examine(examine_results, database)).compared == 3


async def test_a_result_that_does_not_follow_is_found_with_what_was_expected(
    client: httpx.AsyncClient, arrive: Arrive, database: Database, connection: asyncpg.Connection
) -> None:
    await _measure(client, arrive, people=3)
    one = employee_id(1)
    await connection.execute(
        "UPDATE derived.result SET body = jsonb_set(body, '{potential, score}', '\"99.0000\"') "
        "WHERE employee_id = $1",
        one,
    )
    [(key, fields)] = found(await examine(examine_results, database)).items()
    assert (key, set(fields)) == (str(one), {"potential"})
    expected, stored = fields["potential"]
    assert (expected["score"], stored["score"]) == ("88.0000", "99.0000")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("source.performance_score SET predikat = 'X'", "ValueError"),
        ("source.performance_score SET hasil = 'a|b'", "TypeError"),
        ("derived.result SET body = '[]'", "AttributeError"),
    ],
)
async def test_a_row_that_the_rules_cannot_read_is_named_and_hides_no_other(
    *,
    client: httpx.AsyncClient,
    arrive: Arrive,
    database: Database,
    connection: asyncpg.Connection,
    change: str,
    why: str,
) -> None:
    await _measure(client, arrive, people=3)
    await connection.execute(f"UPDATE {change} WHERE employee_id = $1", employee_id(1))
    await connection.execute("UPDATE derived.result SET body = '{}' WHERE employee_id = $1", employee_id(2))
    examination = await examine(examine_results, database)
    assert (examination.compared, examination.count) == (3, 2)
    [cause] = [one.cause for one in examination.differences if one.key == str(employee_id(1))]
    assert cause.startswith(f"cannot be read by the contract ({why})")


async def test_a_measurement_that_was_added_by_hand_is_missed_in_the_result(
    client: httpx.AsyncClient, arrive: Arrive, database: Database, connection: asyncpg.Connection
) -> None:
    await _measure(client, arrive, people=1)
    await connection.execute("DELETE FROM source.performance_score WHERE score_version = 2")
    [fields] = found(await examine(examine_results, database)).values()
    assert fields.keys() == {"performance"}


async def test_who_was_measured_has_a_published_result(
    client: httpx.AsyncClient, arrive: Arrive, database: Database, connection: asyncpg.Connection
) -> None:
    await _measure(client, arrive, people=5)
    await connection.execute(
        "DELETE FROM derived.result WHERE employee_id = ANY($1)", [employee_id(0), employee_id(4)]
    )
    await connection.execute("UPDATE derived.result SET version = 0 WHERE employee_id = $1", employee_id(2))
    assert found(await examine(examine_results, database)) == {
        str(employee_id(0)): {"version": ("1 or more", None)},
        str(employee_id(2)): {"version": ("1 or more", 0)},
        str(employee_id(4)): {"version": ("1 or more", None)},
    }


async def test_a_row_that_was_only_locked_is_empty(database: Database, connection: asyncpg.Connection) -> None:
    await connection.execute("INSERT INTO derived.result VALUES ($1, 0, '{}', now())", employee_id(1))
    assert found(await examine(examine_results, database)) == {}
    await connection.execute("""UPDATE derived.result SET body = '{"potential": 1}'""")
    assert found(await examine(examine_results, database)) == {str(employee_id(1)): {"potential": (None, 1)}}


async def test_a_nip_leads_to_its_last_bearer(
    arrive: Arrive, database: Database, connection: asyncpg.Connection
) -> None:
    # Two bear the same NIP for a moment: the one with the higher id counts, for both.
    await arrive(employee(1), employee(2, bears=1), employee(3))
    assert found(await examine(examine_links, database)) == {}
    await connection.execute("DELETE FROM source.nip_subject WHERE employee_id = $1", employee_id(3))
    await connection.execute("UPDATE source.nip_subject SET employee_id = $1", employee_id(1))
    other = {"employee_id": (employee_id(2), employee_id(1))}
    assert found(await examine(examine_links, database)) == {
        str(employee_id(1)): other,
        str(employee_id(2)): other,
        str(employee_id(3)): {"registered": (True, False), "employee_id": (employee_id(3), None)},
    }


async def test_nobody_waits_for_somebody_who_is_there(
    call_as: CallAs, arrive: Arrive, database: Database, connection: asyncpg.Connection
) -> None:
    semarang = call_as(INTEGRATOR, regions=[SEMARANG])
    for number in range(3):
        await semarang.post(SCORES, json=score(number))
    await arrive(employee(0, region="33.01"), employee(1))
    # The first was refused and is kept, the second was taken, the third waits still.
    examination = await examine(examine_waiting, database)
    assert (examination.compared, examination.count) == (2, 0)
    await connection.execute("UPDATE source.unmatched SET state = 'WAITING'")
    [fields] = found(await examine(examine_waiting, database)).values()
    assert fields == {"waits_for": (None, employee_id(0))}
