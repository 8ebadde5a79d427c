"""Batches: the good rows are taken, each bad one is told why, and the answers stand in the order of the rows."""

from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ValidationError

from shared.http.batch import MOST_ROWS, BatchAnswer, Outcome, RowResult, Rows, rejected
from shared.http.errors import InvalidInput, Violation
from shared.http.language import Language

NIP = "198703122010011001"
GOOD = {"nip": NIP, "value": 80}
BATCH = "/v1/things:batch"


class Small(BaseModel):
    number: int


class SmallBatch(BaseModel):
    smalls: Rows[Small]


async def test_good_rows_are_taken_beside_bad_ones(client: httpx.AsyncClient) -> None:
    rows: list[Any] = [GOOD, {"nip": "1", "value": 101}, GOOD, 7, {**GOOD, "golongan": "IX/z", "x": 1}]
    answer = await client.post(BATCH, json={"things": rows})
    assert answer.status_code == 200
    body = answer.json()
    assert body["counts"] == {"created": 2, "rejected": 3}
    assert [(row["index"], row["status"], row["outcome"]) for row in body["results"]] == [
        (0, 201, "created"),
        (1, 422, "rejected"),
        (2, 201, "created"),
        (3, 422, "rejected"),
        (4, 422, "rejected"),
    ]
    found = [
        [(error["pointer"], error["code"]) for error in row["problem"]["errors"]] for row in rejected_rows(body)
    ]
    assert found == [
        [("/things/1/nip", "nip_invalid"), ("/things/1/value", "less_than_equal")],
        [("/things/3", "model_type")],
        [("/things/4/golongan", "value_error"), ("/things/4/x", "extra_forbidden")],
    ]
    assert NIP not in answer.text


def rejected_rows(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in body["results"] if row["outcome"] == "rejected"]


async def test_rows_are_told_why_in_the_language_of_the_caller(client: httpx.AsyncClient) -> None:
    for language, detail in (("id", "NIP harus 18 angka"), ("en", "a NIP has 18 digits")):
        body = {"things": [{"nip": "1", "value": 1}]}
        answer = await client.post(BATCH, json=body, headers={"Accept-Language": language})
        assert answer.json()["results"][0]["problem"]["errors"][0]["detail"] == detail


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"things": []}, "/things", "too_short"),
        ({"things": [GOOD] * (MOST_ROWS + 1)}, "/things", "too_long"),
        ({"things": "many"}, "/things", "list_type"),
        ({"things": None}, "/things", "list_type"),
        ({}, "/things", "missing"),
        ({"things": [GOOD], "more": 1}, "/more", "extra_forbidden"),
        ([GOOD], "", "model_attributes_type"),
    ],
)
async def test_body_that_is_no_batch_is_refused_as_a_whole(
    client: httpx.AsyncClient,
    body: Any,
    pointer: str,
    code: str,
) -> None:
    answer = await client.post(BATCH, json=body)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_largest_batch_is_taken(client: httpx.AsyncClient) -> None:
    answer = await client.post(BATCH, json={"things": [GOOD] * MOST_ROWS})
    assert answer.json()["counts"] == {"created": MOST_ROWS}


def test_rows_know_their_place() -> None:
    batch = SmallBatch.model_validate({"smalls": [{"number": "x"}, {"number": 2}]})
    (row,) = batch.smalls.accepted
    (rejection,) = batch.smalls.rejected
    assert (row.index, row.value.number, batch.smalls.pointer(row.index)) == (1, 2, "/smalls/1")
    assert (rejection.index, rejection.violations[0].pointer) == (0, "/smalls/0/number")


def test_rows_are_bounded_without_the_web() -> None:
    with pytest.raises(ValidationError):
        SmallBatch.model_validate({"smalls": [{"number": 1}] * (MOST_ROWS + 1)})


def test_problem_of_a_row_points_from_the_whole_body() -> None:
    problem = InvalidInput(errors=[Violation("/unit_id", "unit_elsewhere", "unit lain", "another unit")])
    result = rejected(3, problem, Language.EN, within="/employees/3")
    assert result.problem is not None
    assert [(one.pointer, one.detail) for one in result.problem.errors] == [
        ("/employees/3/unit_id", "another unit")
    ]
    assert result.status == 422


def test_answers_stand_in_the_order_of_the_rows() -> None:
    results = [RowResult(index=index, status=200, outcome=Outcome.UNCHANGED) for index in (2, 0, 1)]
    answer = BatchAnswer.of(results)
    assert [result.index for result in answer.results] == [0, 1, 2]
    assert answer.counts == {Outcome.UNCHANGED: 3}


def test_schema_of_a_row_is_documented() -> None:
    schema = SmallBatch.model_json_schema()
    rows = schema["properties"]["smalls"]
    assert (rows["type"], rows["minItems"], rows["maxItems"]) == ("array", 1, MOST_ROWS)
    assert rows["items"] == {"$ref": "#/$defs/Small"}
    assert schema["$defs"]["Small"]["properties"]["number"]["type"] == "integer"
