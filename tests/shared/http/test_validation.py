"""What pydantic finds, told in both languages, pointing at what the sender sent."""

from typing import Annotated, Any, Final, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import ErrorType

from shared.http.errors import Violation
from shared.http.validation import MOST_VIOLATIONS, pointer_to, violations_of

NUMBERS: Final = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "actual_length", "max_digits")
COUNTS: Final = ("decimal_places", "whole_digits", "tz_expected", "tz_actual", "expected_version")
TEXTS: Final = (
    "attribute",
    "method_name",
    "class_name",
    "class",
    "field_type",
    "pattern",
    "encoding",
    "discriminator",
)
CONTEXT: Final = {
    **dict.fromkeys((*NUMBERS, *COUNTS), 2),
    **dict.fromkeys((*TEXTS, "expected", "expected_tags", "expected_schemes"), "bound"),
    **dict.fromkeys(("error", "encoding_error", "tag"), "secret"),
}
"""All that pydantic may tell of an error; the last three quote the input."""


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class House(BaseModel):
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []
    number: int | list[int] = 0


def found_in(kind: Any, value: Any) -> tuple[Violation, ...]:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(kind).validate_python(value)
    return violations_of(raised.value.errors(), value, inside=True)


@pytest.mark.parametrize("code", get_args(ErrorType))
def test_every_kind_of_error_has_two_messages(code: Any) -> None:
    """Also those without a translation of their own; and the bounds that messages name exist in pydantic."""
    known = PydanticKnownError(code, CONTEXT)
    error = {
        "type": code,
        "loc": ("field",),
        "msg": known.message(),
        "ctx": known.context or {},
        "input": "secret",
    }
    (violation,) = violations_of([error], {"field": "secret"}, inside=True)
    assert (violation.pointer, violation.code) == ("/field", code)
    assert violation.detail_id
    assert violation.detail_id != violation.detail_en
    assert "secret" not in violation.detail_id + violation.detail_en
    assert "{" not in violation.detail_id + violation.detail_en


def test_tags_of_unions_are_no_steps_of_a_pointer() -> None:
    (violation,) = found_in(House, {"pets": [{"kind": "cat", "lives": 9}, {"kind": "dog"}]})
    assert violation.pointer == "/pets/1/name"
    branches = found_in(House, {"number": {}})
    assert {violation.pointer for violation in branches} == {"/number"}


def test_allowed_values_are_joined_in_the_language() -> None:
    (violation,) = found_in(Literal["A", "B"], "C")
    assert violation.detail_id == "harus salah satu dari 'A' atau 'B'"
    assert violation.detail_en == "must be one of 'A' or 'B'"


def test_bilingual_text_of_a_validator_is_split() -> None:
    def check(_: Any) -> Any:
        raise ValueError("tidak baik / not good")

    (violation,) = found_in(Annotated[str, AfterValidator(check)], "x")
    assert (violation.detail_id, violation.detail_en) == ("tidak baik", "not good")


def test_text_that_a_validator_took_from_elsewhere_is_not_repeated() -> None:
    def check(value: str) -> int:
        return int(value)

    (violation,) = found_in(Annotated[str, AfterValidator(check)], "secret")
    assert (violation.detail_id, violation.detail_en) == ("nilai tidak sah", "is not valid")


def test_custom_error_keeps_its_code() -> None:
    def check(_: Any) -> Any:
        raise PydanticCustomError("own_code", "salah / wrong")

    (violation,) = found_in(Annotated[str, AfterValidator(check)], "x")
    assert (violation.code, violation.detail_en) == ("own_code", "wrong")


def test_number_of_violations_is_bounded() -> None:
    assert len(found_in(list[int], ["x"] * (MOST_VIOLATIONS + 50))) == MOST_VIOLATIONS


@given(st.lists(st.text(min_size=1, max_size=20).filter(lambda key: not key.isdigit()), max_size=5))
def test_pointer_can_be_read_back(keys: list[str]) -> None:
    steps = pointer_to(keys).split("/")[1:]
    assert [step.replace("~1", "/").replace("~0", "~") for step in steps] == keys


def test_pointer_masks_a_nip_and_is_bounded() -> None:
    assert pointer_to(["198703122010011001"]) == "/1987**************"
    assert len(pointer_to(["x" * 10_000])) < 100
