"""Region codes of Kemendagri and the patterns that cover them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.asn.region import RegionCode, RegionPattern, covers, province_of

CODE = TypeAdapter[str](RegionCode)
PATTERN = TypeAdapter[str](RegionPattern)
CODES = st.from_regex(r"[1-9][0-9](\.[0-9]{2})?", fullmatch=True)


@given(CODES)
def test_region_lies_in_its_province_and_covers_itself(code: str) -> None:
    assert CODE.validate_python(code) == code
    assert covers(code, code)
    assert covers(f"{province_of(code)}.*", code)


@given(CODES, CODES)
def test_province_covers_its_own_only(one: str, other: str) -> None:
    assert covers(f"{province_of(one)}.*", other) == (province_of(one) == province_of(other))
    assert covers(one, other) == (one == other)


def test_provincial_government_alone_is_not_the_province() -> None:
    assert covers("33", "33")
    assert not covers("33", "33.74")
    assert covers("33.*", "33.74")
    assert covers("33.*", "33")
    assert not covers("33.74", "33")


@pytest.mark.parametrize(
    "text", ["3", "333", "33.7", "33.740", "33.*", "33,74", "33.74 ", "33.74\n", "", "*", "٣٣"]
)
def test_text_that_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        CODE.validate_python(text)


@pytest.mark.parametrize("text", ["*", "33.", "33.**", "**.*", "33.7*", "33.*.*", ""])
def test_text_that_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        PATTERN.validate_python(text)
