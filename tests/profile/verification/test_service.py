"""Fingerprints follow from the columns, in whatever form an employee was told."""

from typing import Any, Final

import httpx
import pytest

from services.profile.verification import queries, service
from services.profile.verification.service import examine_fingerprints
from shared.db.session import Database
from shared.verification.differences import Kind
from shared.verification.examination import Examination
from shared.verification.held import BEGINNING, END
from tests.profile.told import NIP, employee, nip_of, row

FORMS: Final[list[dict[str, Any]]] = [
    {},
    {"experience": {}},
    {"experience": {"years": 6}},
    {"experience": {"years": None, "variety": None, "substance": None}},
    {"discipline": []},
    {"golongan": None, "education": None, "field_match": False, "retires_on": None},
    {"post": {"title": 'Kepala "Bidang" \\ é', "level": "PELAKSANA"}},
    {
        "discipline": [
            {"level": "BERAT", "imposed_on": "2021-05-01"},
            {"level": "RINGAN", "imposed_on": "2019-05-01"},
        ]
    },
]


async def examine(database: Database) -> Examination:
    examination = Examination("source.employee", database)
    await examine_fingerprints(examination)
    return examination


async def test_every_fingerprint_follows_from_the_columns(
    province: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SLICE", 3)
    rows = [row(nip_of(number), **form) for number, form in enumerate(FORMS)]
    bare = ("golongan", "retires_on", "education", "field_match", "development", "experience", "discipline")
    rows.append({name: value for name, value in row(nip_of(len(rows))).items() if name not in bare})
    await province.post("/v1/employees:batch", json={"employees": rows})
    examination = await examine(database)
    assert (examination.compared, examination.count) == (len(rows), 0)


async def test_only_the_punished_are_left_to_the_rule(province: httpx.AsyncClient, database: Database) -> None:
    rows = [row(nip_of(number), **{"discipline": [], **form}) for number, form in enumerate(FORMS)]
    await province.post("/v1/employees:batch", json={"employees": rows})
    async with database.reading() as session:
        doubtful = await queries.list_doubtful(session, BEGINNING, END)
    assert len(doubtful) == len([form for form in FORMS if form.get("discipline")])


@pytest.mark.parametrize(
    "change",
    [
        "name = 'Other'",
        "experience_years = 6.51",
        "post_since = NULL",
        "discipline = '[]'",
        "fingerprint = '\\x00'",
    ],
)
async def test_a_column_that_was_changed_by_hand_is_found(
    province: httpx.AsyncClient, database: Database, connection: Any, change: str
) -> None:
    answer = await province.put(f"/v1/employees/{NIP}", json=employee())
    await connection.execute(f"UPDATE source.employee SET {change}")
    [difference] = (await examine(database)).differences
    assert (difference.kind, difference.key) == (Kind.DERIVATION, answer.json()["employee_id"])
    assert difference.fields.keys() == {"fingerprint"}
    assert NIP not in repr(difference)


async def test_a_row_that_the_contract_cannot_read_is_named_and_hides_no_other(
    province: httpx.AsyncClient, database: Database, connection: Any
) -> None:
    rows = [row(nip_of(number)) for number in range(3)]
    await province.post("/v1/employees:batch", json={"employees": rows})
    await connection.execute("UPDATE source.employee SET kind = 'X' WHERE nip = $1", nip_of(0))
    await connection.execute("UPDATE source.employee SET name = 'Other' WHERE nip = $1", nip_of(1))
    examination = await examine(database)
    assert examination.compared == 3
    told = [
        (set(one.fields), "cannot be read by the contract (kind: enum)" in one.cause)
        for one in examination.differences
    ]
    assert sorted(told, key=str) == sorted([(set(), True), ({"fingerprint"}, False)], key=str)
