"""What becomes of an employee: examples as tables, and what holds for every employee."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profile.employees.rules import (
    ESELON_OF_LEVEL,
    Change,
    Draft,
    Recorded,
    Refusal,
    Stored,
    decide,
    draft_of,
    findings_of,
    fingerprint_of,
    screen,
    tell_new_unit,
)
from shared.asn.education import EducationLevel
from shared.asn.employment import DisciplineLevel, EmployeeKind
from shared.asn.golongan import PNS_GOLONGAN, PPPK_GOLONGAN
from shared.asn.post import Eselon, PostLevel
from shared.events.profile import Discipline, EmployeeState, Experience, Post
from tests.profile.told import NIP, OTHER_NIP, PPPK_NIP

KNOWN = UUID("0198c0de-0000-7000-8000-000000000001")
NEW = UUID("0198c0de-0000-7000-8000-000000000002")
BASE: dict[str, Any] = {
    "version": 1,
    "employee_id": NEW,
    "nip": NIP,
    "name": "Contoh Sintetis",
    "kind": EmployeeKind.PNS,
    "region": "33.74",
    "unit_id": "33.74-dinkes",
    "post": Post(title="Kepala Bidang", level=PostLevel.ADMINISTRATOR, eselon=Eselon.III_B),
    "golongan": "IV/a",
    "kedudukan_hukum": "01",
}

states = st.builds(
    EmployeeState,
    version=st.integers(1, 1000),
    employee_id=st.uuids(),
    nip=st.sampled_from([NIP, OTHER_NIP]),
    kind=st.just(EmployeeKind.PNS),
    name=st.text(max_size=20),
    region=st.sampled_from(["33", "33.01", "33.74"]),
    unit_id=st.text(max_size=10),
    post=st.builds(
        Post,
        title=st.text(max_size=10),
        level=st.sampled_from(PostLevel),
        eselon=st.none() | st.sampled_from(Eselon),
        since=st.none() | st.dates(),
    ),
    golongan=st.none() | st.sampled_from(sorted(PNS_GOLONGAN | PPPK_GOLONGAN)),
    kedudukan_hukum=st.sampled_from(["01", "03", "99"]),
    retires_on=st.none() | st.dates(),
    education=st.none() | st.sampled_from(EducationLevel),
    field_match=st.none() | st.booleans(),
    development=st.none() | st.booleans(),
    experience=st.builds(
        Experience, years=st.none() | st.decimals(0, 70, places=2), substance=st.none() | st.booleans()
    ),
    discipline=st.lists(
        st.builds(
            Discipline,
            level=st.sampled_from(DisciplineLevel),
            imposed_on=st.dates(),
            until=st.none() | st.dates(),
            annulled=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
)


def draft(**changes: Any) -> Draft:
    return draft_of(EmployeeState(**{**BASE, **changes}))


def stored(**changes: Any) -> Stored:
    same = {"employee_id": KNOWN, "version": 3, "region": "33.74", "fingerprint": draft().fingerprint}
    return Stored(**{**same, **changes})


def everywhere(_region: str) -> bool:
    return True


def only_semarang(region: str) -> bool:
    return region == "33.74"


def only_version(expected: int) -> Any:
    return lambda version: version == expected


@pytest.mark.parametrize(
    ("told", "known", "change", "employee_id", "version"),
    [
        (draft(), None, Change.CREATED, NEW, 1),
        (draft(), stored(), Change.UNCHANGED, KNOWN, 3),
        (draft(name="Nama Baru"), stored(), Change.UPDATED, KNOWN, 4),
        (draft(region="33.01"), stored(), Change.UPDATED, KNOWN, 4),
    ],
    ids=["created", "unchanged", "updated", "moved"],
)
def test_a_row_is_taken(
    told: Draft, known: Stored | None, change: Change, employee_id: UUID, version: int
) -> None:
    outcome = decide(told, known, covers=everywhere)
    assert isinstance(outcome, Recorded)
    assert (outcome.change, outcome.state.employee_id, outcome.state.version) == (change, employee_id, version)
    assert outcome.state.name == told.state.name


def test_an_employee_of_a_region_out_of_reach_is_refused() -> None:
    assert decide(draft(), stored(region="33.01"), covers=only_semarang) is Refusal.EMPLOYEE_OUTSIDE


def test_an_employee_of_a_region_out_of_reach_is_refused_whatever_the_version() -> None:
    outcome = decide(draft(), stored(region="33.01"), covers=only_semarang, accepts=only_version(9))
    assert outcome is Refusal.EMPLOYEE_OUTSIDE


@pytest.mark.parametrize("known", [None, stored()], ids=["unknown", "changed since"])
def test_a_version_that_is_not_there_is_not_replaced(known: Stored | None) -> None:
    assert (
        decide(draft(name="Nama Baru"), known, covers=everywhere, accepts=only_version(2))
        is Refusal.VERSION_DIFFERS
    )


def test_the_version_that_was_read_is_replaced() -> None:
    outcome = decide(draft(name="Nama Baru"), stored(), covers=everywhere, accepts=only_version(3))
    assert isinstance(outcome, Recorded)
    assert outcome.state.version == 4


@given(states, states)
def test_the_same_sent_twice_is_unchanged_the_second_time(first: EmployeeState, second: EmployeeState) -> None:
    taken = decide(draft_of(first), None, covers=everywhere)
    assert isinstance(taken, Recorded)
    known = Stored(taken.state.employee_id, taken.state.version, taken.state.region, taken.fingerprint)
    # The same content under another id and version, as a source would send it again.
    again = second.model_copy(
        update={
            name: getattr(first, name)
            for name in EmployeeState.model_fields
            if name not in {"employee_id", "version"}
        },
    )
    repeated = decide(draft_of(again), known, covers=everywhere)
    assert isinstance(repeated, Recorded)
    assert repeated.change is Change.UNCHANGED
    assert repeated.state == taken.state


@given(states, states)
def test_fingerprints_differ_exactly_when_the_content_does(one: EmployeeState, other: EmployeeState) -> None:
    identity = {"employee_id", "nip", "version"}
    same_content = one.model_dump(exclude=identity) == other.model_dump(exclude=identity)
    assert (fingerprint_of(one) == fingerprint_of(other)) is same_content


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Lain"},
        {"kind": EmployeeKind.PPPK},
        {"region": "33.01"},
        {"unit_id": "lain"},
        {"post": Post(title="Kepala Bidang", level=PostLevel.ADMINISTRATOR, eselon=Eselon.III_A)},
        {"golongan": None},
        {"kedudukan_hukum": "99"},
        {"retires_on": date(2045, 4, 1)},
        {"education": EducationLevel.S2},
        {"field_match": False},
        {"development": False},
        {"experience": Experience(years=Decimal("6.50"))},
        {"experience": Experience(substance=False)},
        {"discipline": (Discipline(level=DisciplineLevel.RINGAN, imposed_on=date(2020, 1, 1)),)},
    ],
    ids="-".join,
)
def test_every_field_counts_for_the_fingerprint(change: dict[str, Any]) -> None:
    assert draft(**change).fingerprint != draft().fingerprint


def test_an_absent_field_is_not_the_same_as_no() -> None:
    assert draft(field_match=None).fingerprint != draft(field_match=False).fingerprint


def test_screening_tells_each_row_its_own_reason() -> None:
    rows = [
        draft(),
        draft(nip=OTHER_NIP, region="33.99"),
        draft(nip=PPPK_NIP),
        draft(nip="198703122010011002", region="33.01"),
        draft(name="Nama Lain"),
    ]
    assert screen(rows, only_semarang) == [
        None,
        Refusal.REGION_UNKNOWN,
        Refusal.NIP_KIND_MISMATCH,
        Refusal.REGION_OUTSIDE,
        Refusal.NIP_REPEATED,
    ]


def test_a_nip_counts_as_seen_even_where_its_first_row_was_refused() -> None:
    assert screen([draft(region="33.01"), draft()], only_semarang) == [
        Refusal.REGION_OUTSIDE,
        Refusal.NIP_REPEATED,
    ]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"kind": EmployeeKind.PPPK, "golongan": "IX"}, ["nip_pppk_count"]),
        ({"nip": "200003122015011001"}, ["nip_young_appointment"]),
        ({"golongan": "IX"}, ["golongan_kind_mismatch"]),
        ({"nip": PPPK_NIP, "kind": EmployeeKind.PPPK}, ["golongan_kind_mismatch"]),
        ({"golongan": None}, []),
        ({"post": Post(title="Analis", level=PostLevel.PELAKSANA, eselon=Eselon.IV_A)}, ["eselon_level_mismatch"]),
        ({"post": Post(title="Analis", level=PostLevel.PELAKSANA)}, []),
        (
            {"post": Post(title="Kepala", level=PostLevel.JPT_PRATAMA, eselon=Eselon.III_A)},
            ["eselon_level_mismatch"],
        ),
    ],
)
def test_an_odd_record_gets_its_findings(changes: dict[str, Any], codes: list[str]) -> None:
    assert [finding.code for finding in findings_of(draft(**changes).state)] == codes


def test_the_levels_with_an_eselon_are_those_of_bkns_reference() -> None:
    # BKN's codes of eselon: 10/11 I.a, 12 I.b, 21 II.a, 22 II.b, 31 III.a, 32 III.b, 41 IV.a, 42 IV.b.
    assert {level.value: sorted(eselon) for level, eselon in ESELON_OF_LEVEL.items()} == {
        "JPT_UTAMA": ["I.a"],
        "JPT_MADYA": ["I.a", "I.b"],
        "JPT_PRATAMA": ["II.a", "II.b"],
        "ADMINISTRATOR": ["III.a", "III.b"],
        "PENGAWAS": ["IV.a", "IV.b"],
    }


def test_only_rows_with_a_new_unit_get_its_finding() -> None:
    taken = decide(draft(), None, covers=everywhere)
    assert isinstance(taken, Recorded)
    told = tell_new_unit(taken, {"33.74-dinkes"})
    assert isinstance(told, Recorded)
    assert [finding.code for finding in told.findings] == ["unit_created"]
    assert tell_new_unit(taken, {"33.74-lain"}) is taken
    assert tell_new_unit(Refusal.EMPLOYEE_OUTSIDE, {"33.74-dinkes"}) is Refusal.EMPLOYEE_OUTSIDE
