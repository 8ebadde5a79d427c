"""Many employees told at once: each row is judged alone."""

import asyncio
from typing import Any

import httpx
from sqlmodel.ext.asyncio.session import AsyncSession

from services.profile.employees.rules import Change, Recorded
from services.profile.employees.schemas import EmployeeRow
from services.profile.employees.service import put_employees
from shared.db.session import driver_of
from shared.events.envelope import Cause
from tests.profile.told import NIP, OTHER_NIP, nip_of, row

PATH = "/v1/employees:batch"


async def post(client: httpx.AsyncClient, *rows: Any) -> Any:
    answer = await client.post(PATH, json={"employees": list(rows)})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_good_rows_are_taken_and_each_bad_one_is_told_why(
    semarang: httpx.AsyncClient, connection: Any
) -> None:
    answer = await post(
        semarang,
        row(nip_of(1)),
        row(nip_of(2), kind="HONORER"),
        row("1987"),
        "not an object",
        row(nip_of(3), region="33.01"),
        row(nip_of(4), region="33.99"),
        row(nip_of(5)),
        row(nip_of(1), name="Nama Lain"),
    )
    assert answer["counts"] == {"created": 2, "rejected": 6}
    told = [
        (result["index"], result["status"], result["problem"]["code"], *_where(result["problem"]))
        for result in answer["results"]
        if result["outcome"] == "rejected"
    ]
    assert told == [
        (1, 422, "invalid_input", "/employees/1/kind", "enum"),
        (2, 422, "invalid_input", "/employees/2/nip", "nip_invalid"),
        (3, 422, "invalid_input", "/employees/3", "model_type"),
        (4, 403, "outside_population"),
        (5, 422, "invalid_input", "/employees/5/region", "region_unknown"),
        (7, 422, "invalid_input", "/employees/7/nip", "nip_repeated"),
    ]
    stored = await connection.fetch("SELECT nip, name FROM source.employee ORDER BY nip")
    assert [tuple(one) for one in stored] == [(nip_of(1), "Contoh Sintetis"), (nip_of(5), "Contoh Sintetis")]


def _where(problem: dict[str, Any]) -> tuple[str, ...]:
    return tuple(text for error in problem.get("errors", ()) for text in (error["pointer"], error["code"]))


async def test_no_answer_repeats_a_number_that_was_refused(semarang: httpx.AsyncClient) -> None:
    answer = await semarang.post(PATH, json={"employees": [row("198713122010011001"), row(NIP, **{NIP: 1})]})
    assert answer.json()["counts"] == {"rejected": 2}
    assert "198713122010011001" not in answer.text
    assert NIP not in answer.text


async def test_rows_are_created_updated_or_left_alone(province: httpx.AsyncClient, connection: Any) -> None:
    first = await post(province, row(nip_of(1)), row(nip_of(2)))
    second = await post(province, row(nip_of(1)), row(nip_of(3)), row(nip_of(2), name="Nama Baru"))
    told = [(result["status"], result["outcome"], result["token"][-2:]) for result in second["results"]]
    assert told == [(200, "unchanged", "@1"), (201, "created", "@1"), (200, "updated", "@2")]
    assert second["results"][0]["token"] == first["results"][0]["token"]
    assert second["results"][2]["id"] == first["results"][1]["id"]
    assert await connection.fetchval("SELECT count(*) FROM source.outbox") == 4


async def test_a_batch_of_nothing_new_writes_nothing(province: httpx.AsyncClient, connection: Any) -> None:
    rows = [row(nip_of(number)) for number in range(20)]
    await post(province, *rows)
    before = await connection.fetch("SELECT employee_id, xmin FROM source.employee ORDER BY employee_id")
    assert (await post(province, *reversed(rows)))["counts"] == {"unchanged": 20}
    assert await connection.fetch("SELECT employee_id, xmin FROM source.employee ORDER BY employee_id") == before
    assert await connection.fetchval("SELECT count(*) FROM source.outbox") == 20


async def test_events_leave_in_the_order_of_their_keys(province: httpx.AsyncClient, connection: Any) -> None:
    await post(province, *(row(nip_of(number)) for number in (7, 3, 9, 1)))
    await post(province, *(row(nip_of(number), name="Baru") for number in (9, 4, 7, 1, 3)))
    keys = [one["key"] for one in await connection.fetch("SELECT key FROM source.outbox ORDER BY id")]
    assert keys[:4] == sorted(keys[:4])
    assert keys[4:] == sorted(keys[4:])
    assert len(keys) == 9


async def test_who_serves_elsewhere_is_refused_beside_rows_that_are_taken(
    province: httpx.AsyncClient,
    semarang: httpx.AsyncClient,
) -> None:
    await post(province, row(NIP, region="33.01", unit_id="33.01-dinkes"))
    answer = await post(semarang, row(NIP), row(OTHER_NIP), row(nip_of(1), unit_id="33.01-dinkes"))
    assert [result["status"] for result in answer["results"]] == [403, 201, 422]
    assert answer["results"][2]["problem"]["errors"][0]["pointer"] == "/employees/2/unit_id"


async def test_two_regions_cannot_share_a_new_unit(province: httpx.AsyncClient) -> None:
    answer = await post(province, row(nip_of(1), unit_id="x"), row(nip_of(2), unit_id="x", region="33.01"))
    assert answer["counts"] == {"created": 1, "rejected": 1}


async def test_warnings_stand_beside_their_row(province: httpx.AsyncClient) -> None:
    answer = await post(province, row(NIP), row(OTHER_NIP, golongan="IX"))
    codes = [[warning["code"] for warning in result["warnings"]] for result in answer["results"]]
    assert codes == [["unit_created"], ["golongan_kind_mismatch", "unit_created"]]


async def test_a_batch_has_at_least_one_row_and_at_most_a_thousand(
    province: httpx.AsyncClient,
    connection: Any,
) -> None:
    for rows, code in (([], "too_short"), ([row(nip_of(number)) for number in range(1001)], "too_long")):
        answer = await province.post(PATH, json={"employees": rows})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == code
    assert await connection.fetchval("SELECT count(*) FROM source.employee") == 0


async def test_a_thousand_rows_take_as_many_statements_as_two(session: AsyncSession, cause: Cause) -> None:
    new, known, changed = (
        [EmployeeRow.model_validate(row(nip_of(number), name=name)) for number in numbers]
        for numbers, name in ((range(400), "Baru"), (range(400, 700), "Lama"), (range(700, 1000), "Lama"))
    )
    await put_employees(session, known + changed, covers=lambda _: True, cause=cause)
    told = new + known + [one.model_copy(update={"name": "Baru"}) for one in changed]
    statements: list[str] = []
    driver = await driver_of(session)
    with driver.query_logger(lambda record: statements.append(record.query)):
        outcomes = await put_employees(session, told, covers=lambda _: True, cause=cause)
        await asyncio.sleep(0)  # the driver tells its loggers in the next round of the loop
    changes = [outcome.change for outcome in outcomes if isinstance(outcome, Recorded)]
    assert changes == [Change.CREATED] * 400 + [Change.UNCHANGED] * 300 + [Change.UPDATED] * 300
    # Look, make units, see their regions, insert, lock, update, publish.
    assert len(statements) == 7
    statements.clear()
    with driver.query_logger(lambda record: statements.append(record.query)):
        await put_employees(session, told, covers=lambda _: True, cause=cause)
        await asyncio.sleep(0)
    assert len(statements) == 1
