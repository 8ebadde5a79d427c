"""The gates of the pool, and when their vetoes end."""

from datetime import date
from typing import Any

import pytest

from services.placement.eligibility.rules import Eligibility, check_gates
from services.placement.policies.rules import TalentPolicy
from tests.placement.people import DEFAULT, DJBK, ON, employee, punishment


def _check(policy: TalentPolicy = DEFAULT, on: date = ON, **changes: Any) -> Eligibility:
    return check_gates(employee(**changes), policy.gates, on)


def _codes(checked: Eligibility) -> list[str]:
    return [veto.code for veto in checked.vetoes]


def test_an_active_employee_with_a_clean_record_passes_every_gate() -> None:
    assert _check().eligible
    assert _check().vetoes == ()


@pytest.mark.parametrize(
    ("kedudukan_hukum", "active"),
    [("01", True), ("03", True), ("02", False), ("15", False), ("99", False)],
)
def test_active_and_study_assignment_pass(kedudukan_hukum: str, active: bool) -> None:  # noqa: FBT001  # a parameter
    checked = _check(kedudukan_hukum=kedudukan_hukum)
    assert checked.active is active
    assert _codes(checked) == ([] if active else ["not_active"])


def test_pppk_depends_on_the_policy() -> None:
    assert _codes(_check(kind="PPPK")) == ["pppk"]
    assert _check(DJBK, kind="PPPK").eligible


def test_punishment_vetoes_through_its_last_day() -> None:
    served = [punishment("RINGAN", "2026-11-01", "2026-11-24")]
    assert [(veto.code, veto.ends_on) for veto in _check(discipline=served).vetoes] == [
        ("serving_punishment", date(2026, 11, 25)),
    ]
    assert _check(discipline=served, on=date(2026, 11, 25)).eligible


@pytest.mark.parametrize("level", ["SEDANG", "BERAT"])
def test_sedang_and_berat_veto_for_24_months(level: str) -> None:
    discipline = [punishment(level, "2024-11-25")]
    assert _codes(_check(discipline=discipline)) == ["recent_punishment"]
    assert date(2026, 11, 25) in _check(discipline=discipline).changes_on
    assert _check(discipline=discipline, on=date(2026, 11, 25)).eligible


def test_ringan_vetoes_only_while_it_is_served() -> None:
    assert _check(discipline=[punishment("RINGAN", "2026-11-01")]).eligible


def test_annulled_punishment_is_no_veto() -> None:
    assert _check(discipline=[punishment("BERAT", "2026-11-01", "2027-11-01", annulled=True)]).eligible


def test_punishment_of_tomorrow_is_no_veto_today() -> None:
    checked = _check(discipline=[punishment("BERAT", "2026-11-25")])
    assert checked.eligible
    assert date(2026, 11, 25) in checked.changes_on


def test_djbk_has_no_gate_of_discipline_or_retirement() -> None:
    # By this scheme a punishment of level SEDANG only lowers the item of integrity.
    assert _check(DJBK, discipline=[punishment("SEDANG", "2026-01-01", "2027-01-01")]).eligible
    assert _check(DJBK, retires_on="2026-12-01").eligible


@pytest.mark.parametrize(
    ("retires_on", "eligible"),
    [("2027-11-24", True), ("2027-11-23", False), ("2026-11-01", False), (None, True)],
)
def test_twelve_months_to_retirement_are_needed(retires_on: str | None, eligible: bool) -> None:  # noqa: FBT001
    assert _check(retires_on=retires_on).eligible is eligible


def test_every_gate_that_closes_is_a_veto() -> None:
    checked = _check(
        kind="PPPK",
        kedudukan_hukum="15",
        retires_on="2027-01-01",
        discipline=[punishment("BERAT", "2026-11-01", "2027-11-01")],
    )
    assert _codes(checked) == ["not_active", "pppk", "serving_punishment", "recent_punishment", "near_retirement"]
