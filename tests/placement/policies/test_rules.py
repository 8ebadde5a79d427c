"""Policies as data: immutable, complete, in force by half-open terms."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from services.placement.policies.rules import (
    NoPolicyInForceError,
    TalentPolicy,
    Term,
    Terms,
    day_after,
    fingerprint,
    months_after,
    shipped_document,
)
from tests.placement.people import DEFAULT, DJBK


@pytest.mark.parametrize(
    ("policy_id", "sha256"),
    [
        ("talenta-default-1", "f63cc6bb70e7749ff920e37274d6780a726f0b7a2528e390e178bd4316901153"),
        ("djbk-2026", "9ad135b2db29da29f98b2327e65b537bc79f992a25eb02160fa80c6fdd056b38"),
    ],
)
def test_shipped_policy_never_changes(policy_id: str, sha256: str) -> None:
    # Results name their policy and are recomputed by it for ever: another content needs another id.
    assert fingerprint(shipped_document(policy_id)) == sha256


def test_fingerprint_depends_on_content_alone() -> None:
    assert fingerprint('{"a": 1, "b": [2]}') == fingerprint('{"b":[2],\n"a":1}')
    assert fingerprint('{"a": 1}') != fingerprint('{"a": 2}')


def test_both_policies_share_the_weights_of_the_scheme() -> None:
    assert DEFAULT.x.weights == DJBK.x.weights
    assert dict(DJBK.x.weights) == {
        "potential_competency": 65,
        "education": 5,
        "field_match": 5,
        "development": 5,
        "experience": 5,
        "integrity": 15,
    }
    assert DEFAULT.y.predikat == DJBK.y.predikat
    assert list(DJBK.y.predikat.values()) == [100, 80, 60, 40, 20]


def test_default_differs_from_the_scheme_where_it_was_decided() -> None:
    assert dict(DEFAULT.y.cut_offs) == {"middle": 70, "top": 90}
    assert dict(DJBK.y.cut_offs) == {"middle": 60, "top": 80}
    assert (DEFAULT.y.periods.latest, DEFAULT.y.periods.within_months) == (2, 36)
    assert DEFAULT.x.potential_competency.measures == ("competency", "potential")
    assert DJBK.x.potential_competency.measures == ("competency",)
    assert DEFAULT.gates.recent_punishment is not None
    assert DJBK.gates.recent_punishment is None
    assert DEFAULT.gates.months_to_retirement == 12
    assert not DEFAULT.gates.pppk_eligible


@pytest.mark.parametrize(
    "change",
    [
        {"x": {"weights": {"education": 6}}},
        {"x": {"cut_offs": {"middle": 80}}},
        {"x": {"integrity": {"by_level": {"RINGAN": 75, "SEDANG": 50}}}},
        {"x": {"experience": {"years": [{"at_least": 1, "score": 60}]}}},
        {"x": {"experience": {"variety": {"SATU_UNIT": 60}}}},
        {"y": {"predikat": {"BAIK": 80}}},
        {"value": {"x": 60}},
        {"gates": {"unknown": True}},
    ],
)
def test_incomplete_policy_is_refused(change: dict[str, Any]) -> None:
    document = json.loads(shipped_document("talenta-default-1"))
    with pytest.raises(ValidationError):
        TalentPolicy.model_validate(_merged(document, change))


def _merged(document: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`change` laid over `document`; maps keyed by codes are replaced whole."""
    whole = {"by_level", "variety", "predikat"}
    return document | {
        name: _merged(document[name], value) if isinstance(value, dict) and name not in whole else value
        for name, value in change.items()
    }


def test_term_begins_with_its_day_and_ends_with_the_next() -> None:
    terms = Terms([Term("*", date(2026, 7, 1), DJBK), Term("*", date(2020, 1, 1), DEFAULT)])
    assert terms.in_force("33.74", date(2026, 6, 30)) is DEFAULT
    assert terms.in_force("33.74", date(2026, 7, 1)) is DJBK
    with pytest.raises(NoPolicyInForceError):
        terms.in_force("33.74", date(2019, 12, 31))


def test_region_of_its_own_goes_before_the_default() -> None:
    terms = Terms([Term("*", date(2020, 1, 1), DEFAULT), Term("33.74", date(2026, 1, 1), DJBK)])
    assert terms.in_force("33.74", date(2025, 12, 31)) is DEFAULT
    assert terms.in_force("33.74", date(2026, 1, 1)) is DJBK
    assert terms.in_force("33.72", date(2026, 1, 1)) is DEFAULT


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2026, 11, 24), 2, date(2027, 1, 24)),
        (date(2026, 3, 1), -12, date(2025, 3, 1)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date.min, -12, date.min),
        (date.max, 24, date.max),
    ],
)
def test_months_after_keeps_the_day_or_takes_the_last(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


def test_last_day_of_the_calendar_is_followed_by_none() -> None:
    assert day_after(date(2028, 2, 28)) == date(2028, 2, 29)
    assert day_after(date.max) == date.max


@pytest.mark.parametrize(
    ("years", "score"),
    [("0", 60), ("2.99", 60), ("3", 80), ("4.99", 80), ("5", 100), ("40", 100)],
)
def test_years_of_experience_fall_into_exactly_one_band(years: str, score: int) -> None:
    assert DEFAULT.x.experience.score_of_years(Decimal(years)) == score
