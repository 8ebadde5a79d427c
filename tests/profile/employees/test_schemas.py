"""Bodies of employees: what is refused where, and what counts as the same."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.profile.employees.rules import fingerprint_of
from services.profile.employees.schemas import EmployeeRow
from shared.events.profile import EmployeeState
from tests.profile.told import NIP, employee, row

ID = UUID("0198c0de-0000-7000-8000-000000000001")
REPRIMAND = {"level": "RINGAN", "imposed_on": "2019-05-01"}
DEMOTION = {"level": "BERAT", "imposed_on": "2018-01-01", "until": "2019-01-01"}


def state(**changes: Any) -> EmployeeState:
    return EmployeeRow.model_validate(row(NIP, **changes)).state(ID)


@pytest.mark.parametrize(
    ("changes", "where", "code"),
    [
        ({"name": ""}, ("name",), "string_too_short"),
        ({"name": "   "}, ("name",), "string_too_short"),
        ({"name": "Contoh\x00"}, ("name",), "string_pattern_mismatch"),
        ({"name": "Contoh\nSintetis"}, ("name",), "string_pattern_mismatch"),
        ({"name": "Contoh\ud800"}, ("name",), "string_unicode"),
        ({"name": "x" * 301}, ("name",), "string_too_long"),
        ({"name": "Con\x85toh"}, ("name",), "string_pattern_mismatch"),
        ({"name": "Con\u2028toh"}, ("name",), "string_pattern_mismatch"),
        ({"name": "\u202eContoh"}, ("name",), "string_pattern_mismatch"),
        ({"name": 7}, ("name",), "string_type"),
        ({"kind": "HONORER"}, ("kind",), "enum"),
        ({"region": "3374"}, ("region",), "string_pattern_mismatch"),
        ({"unit_id": "dinas kesehatan"}, ("unit_id",), "string_pattern_mismatch"),
        ({"unit_id": ".."}, ("unit_id",), "string_pattern_mismatch"),
        ({"post": None}, ("post",), "model_type"),
        ({"post": {"title": "Kepala", "level": "ESELON_9"}}, ("post", "level"), "enum"),
        ({"post": {"title": "Kepala", "level": "PELAKSANA", "x": 1}}, ("post", "x"), "extra_forbidden"),
        ({"golongan": "V/a"}, ("golongan",), "value_error"),
        ({"kedudukan_hukum": "1"}, ("kedudukan_hukum",), "string_pattern_mismatch"),
        ({"retires_on": "2045-13-01"}, ("retires_on",), "date_from_datetime_parsing"),
        ({"retires_on": 2366841600}, ("retires_on",), "date_type"),
        ({"retires_on": "2366841600"}, ("retires_on",), "date_type"),
        ({"retires_on": "2045-04-01T00:00:00"}, ("retires_on",), "date_type"),
        ({"retires_on": "0001-01-01"}, ("retires_on",), "greater_than_equal"),
        ({"retires_on": "9999-12-31"}, ("retires_on",), "less_than_equal"),
        ({"education": "S2"}, ("education",), "enum"),
        ({"field_match": "yes"}, ("field_match",), "bool_type"),
        ({"development": 1}, ("development",), "bool_type"),
        ({"experience": {"years": -1}}, ("experience", "years"), "greater_than_equal"),
        ({"experience": {"years": 6.125}}, ("experience", "years"), "decimal_max_places"),
        ({"experience": {"years": "Infinity"}}, ("experience", "years"), "decimal_parsing"),
        ({"experience": {"years": float("inf")}}, ("experience", "years"), "finite_number"),
        ({"experience": {"years": "1_0"}}, ("experience", "years"), "decimal_parsing"),
        ({"experience": {"years": "٣"}}, ("experience", "years"), "decimal_parsing"),
        ({"experience": {"months": 3}}, ("experience", "months"), "extra_forbidden"),
        ({"discipline": [DEMOTION | {"until": "2017-01-01"}]}, ("discipline", 0), "discipline_ends_early"),
        ({"discipline": [REPRIMAND] * 101}, ("discipline",), "too_long"),
        ({"discipline": [1] * 101}, ("discipline",), "too_long"),
        ({"nik": "3374"}, ("nik",), "extra_forbidden"),
        ({"version": 3}, ("version",), "extra_forbidden"),
        ({"nip": "198713122010011001"}, ("nip",), "nip_invalid"),
    ],
    ids=str,
)
def test_a_body_that_breaks_a_rule_is_refused_there(
    changes: dict[str, Any], where: tuple[Any, ...], code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        EmployeeRow.model_validate(row(NIP) | changes)
    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [(where, code)]


@pytest.mark.parametrize("field", ["name", "kind", "region", "unit_id", "post", "kedudukan_hukum"])
def test_a_required_field_may_not_be_missing(field: str) -> None:
    told = row(NIP)
    del told[field]
    with pytest.raises(ValidationError) as refused:
        EmployeeRow.model_validate(told)
    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [((field,), "missing")]


def test_the_required_fields_are_enough() -> None:
    told = {name: employee()[name] for name in ("name", "kind", "region", "unit_id", "post", "kedudukan_hukum")}
    made = EmployeeRow.model_validate({"nip": NIP, **told}).state(ID)
    assert (made.education, made.experience.years, made.discipline) == (None, None, ())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Contoh Sintetis"}, {"name": "  Contoh Sintetis "}),
        ({"experience": {"years": 6.5}}, {"experience": {"years": "6.50"}}),
        ({"experience": {"years": 7}}, {"experience": {"years": 7.00}}),
        ({"discipline": [REPRIMAND, DEMOTION]}, {"discipline": [DEMOTION, REPRIMAND]}),
        ({"golongan": None, "discipline": []}, {"golongan": None, "discipline": ()}),
        ({"discipline": [REPRIMAND]}, {"discipline": [REPRIMAND | {"until": None, "annulled": False}]}),
    ],
    ids=["spaces", "decimals", "whole", "order", "none", "defaults"],
)
def test_the_same_content_written_differently_is_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert fingerprint_of(state(**one)) == fingerprint_of(state(**other))


def test_the_event_carries_decimals_as_text() -> None:
    assert '"years":"6.50"' in state().model_dump_json()
