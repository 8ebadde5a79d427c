"""NIP: worked examples and properties (Perka BKN 22/2007 and 43/2007)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.asn.employment import EmployeeKind
from shared.asn.nip import Nip, mask_in

PNS = "198703122010011001"
PPPK = "198703122021211001"

BIRTHS = st.dates(date(1940, 1, 1), date(2004, 12, 31))
SEX = st.sampled_from("12")
SEQUENCE = st.integers(1, 999).map("{:03d}".format)


@st.composite
def nips(draw: st.DrawFn, appointment: st.SearchStrategy[int]) -> str:
    """NIPs whose digits 13-14 are of `appointment`."""
    born = draw(BIRTHS)
    year = draw(st.integers(born.year + 18, 2060))
    return f"{born:%Y%m%d}{year}{draw(appointment):02d}{draw(SEX)}{draw(SEQUENCE)}"


@given(nips(st.integers(1, 12)))
def test_nip_of_a_pns_holds_without_warning(text: str) -> None:
    nip = Nip.parse(text)
    assert nip == text
    assert nip.check_kind(EmployeeKind.PNS) == ()
    assert f"{nip.birth_date:%Y%m%d}" == text[:8]


@given(nips(st.integers(20, 99)))
def test_number_of_a_pppk_holds_and_is_no_pns(text: str) -> None:
    nip = Nip.parse(text)
    assert nip.check_kind(EmployeeKind.PPPK) == ()
    with pytest.raises(ValueError, match="13-14"):
        nip.check_kind(EmployeeKind.PNS)


@given(nips(st.integers(0, 19)))
def test_low_count_of_a_pppk_is_only_warned_of(text: str) -> None:
    assert [warning.code for warning in Nip.parse(text).check_kind(EmployeeKind.PPPK)] == ["nip_pppk_count"]


def test_pns_month_13_is_refused() -> None:
    with pytest.raises(ValueError, match="13-14"):
        Nip.parse("198703122010131001").check_kind(EmployeeKind.PNS)


def test_digits_21_are_a_pppk_and_no_pns() -> None:
    assert Nip.parse(PPPK).check_kind(EmployeeKind.PPPK) == ()
    with pytest.raises(ValueError, match="13-14"):
        Nip.parse(PPPK).check_kind(EmployeeKind.PNS)


@pytest.mark.parametrize(("born", "real"), [("20000229", True), ("19960229", True), ("19870229", False)])
def test_29_february_exists_in_leap_years_only(born: str, *, real: bool) -> None:
    text = f"{born}2020011001"
    if real:
        assert Nip.parse(text)
    else:
        with pytest.raises(ValueError, match="1-8"):
            Nip.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        PNS[:-1],
        PNS + "1",
        "",
        " " + PNS[1:],
        PNS[:-1] + "x",
        "１" + PNS[1:],
        "19871312" + PNS[8:],
        "19870332" + PNS[8:],
        "19870000" + PNS[8:],
        "18870312" + PNS[8:],
        "21870312" + PNS[8:],
        PNS[:8] + "1899" + PNS[12:],
        PNS[:14] + "0001",
        PNS[:14] + "3001",
        PNS[:15] + "000",
    ],
)
def test_broken_nip_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=" / ") as raised:
        Nip.parse(text)
    assert len(text) < 4 or text not in str(raised.value)


def test_appointment_before_18_is_only_warned_of() -> None:
    young = Nip.parse(PNS[:8] + "2001" + PNS[12:])
    assert [warning.code for warning in young.check_kind(EmployeeKind.PNS)] == ["nip_young_appointment"]


def test_contract_error_has_a_code_and_no_number() -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(Nip).validate_python("198713122010011001")
    (error,) = raised.value.errors(include_input=False)
    assert error["type"] == "nip_invalid"
    assert "1987" not in error["msg"]


def test_json_pattern_lets_valid_numbers_through() -> None:
    schema = TypeAdapter(Nip).json_schema()
    assert TypeAdapter(Nip).validate_json(f'"{PPPK}"') == PPPK
    assert schema["pattern"]


@given(nips(st.integers(1, 12)), st.text(st.characters(exclude_categories=["Nd", "Cs"])))
def test_nip_in_a_text_is_masked(nip: str, around: str) -> None:
    masked = mask_in(f"{around}{nip}{around}")
    assert nip not in masked
    assert masked == f"{around}{nip[:4]}{'*' * 14}{around}"


@given(st.text().filter(lambda text: not any(character.isdigit() for character in text)))
def test_text_without_a_nip_stays(text: str) -> None:
    assert mask_in(text) == text


@given(
    nips(st.integers(1, 99)),
    st.sampled_from([" ", ".", "-", "\u00a0", "%20"]),
    st.sampled_from([(8, 14, 15), (4, 6, 8, 12, 14, 15), (8,)]),
)
def test_nip_is_masked_as_it_is_printed(nip: str, gap: str, cuts: tuple[int, ...]) -> None:
    printed = gap.join(nip[begin:end] for begin, end in zip((0, *cuts), (*cuts, 18), strict=True))
    assert mask_in(f"pegawai {printed}.") == f"pegawai {nip[:4]}{'*' * 14}."


@given(nips(st.integers(1, 99)), st.sampled_from([*range(2, 8), *range(10, 18)]), st.sampled_from("0123456789"))
def test_nip_with_a_digit_too_many_or_too_few_is_masked(nip: str, at: int, digit: str) -> None:
    for slipped in (nip[:at] + digit + nip[at:], nip[:at] + nip[at + 1 :]):
        assert mask_in(f"pegawai {slipped}.") == f"pegawai {slipped[:4]}{'*' * 14}."


@pytest.mark.parametrize(
    "text",
    [
        "12345678-1234-4234-9234-123456789012",
        "2026-11-30 13:04:28.123456+00:00",
        "2026-11-30 2026-12-01",
        "20261130-20261201",
        "20261130T130428.123456",
        "1795957468123456",
        "1795957468123456789",
        "7393847563920184751",
        "10.19.20.198:20190, 18.0.1",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_in(text) == text


def test_each_of_several_is_masked() -> None:
    hidden = "1987**************"
    for between in "/ -.":
        assert mask_in(f"{between}{PNS}{between}{PPPK}") == f"{between}{hidden}{between}{hidden}"
