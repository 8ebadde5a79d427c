"""Fields of request bodies that pydantic alone reads too kindly: one spelling each, bounds that hold further in.

valid_until: Day | None
name: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=ONE_LINE)]
years: Annotated[Decimal, Field(ge=0, decimal_places=2), WRITTEN_OUT]
discipline: Annotated[tuple[Discipline, ...], Field(max_length=100), at_most(100)]
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError, PydanticKnownError

EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2999, 12, 31)
ONE_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"
"""Text without control characters, line breaks, and marks that turn the direction of what follows on a screen."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")


def _only_days(value: Any) -> Any:
    # pydantic would take a number for seconds since 1970, and a time at midnight for a day.
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("date_type", "Input should be a date")
    return value


Day = Annotated[
    date,
    BeforeValidator(_only_days),
    Field(ge=EARLIEST, le=LATEST, description="A day YYYY-MM-DD from 1900-01-01 to 2999-12-31"),
]
"""A day of this world: 0001-01-01 and 9999-12-31 are what other systems write for "unknown" and "never"."""


def _as_written_out(value: Any, read: ValidatorFunctionWrapHandler) -> Decimal:
    # Decimal itself takes `1_0`, digits of every script, and `-0`.
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise PydanticKnownError("decimal_parsing")
    number: Decimal = read(value)
    return number + 0


WRITTEN_OUT: Final = WrapValidator(_as_written_out)
"""Of a decimal: a text is a number as it is documented, and there is one zero."""


def at_most(items: int) -> BeforeValidator:
    """Of a list: one that is too long is refused as such, before anything is said about each of its items."""

    def check(value: Any) -> Any:
        if isinstance(value, list) and len(value) > items:
            bound = {"field_type": "List", "max_length": items, "actual_length": len(value)}
            raise PydanticKnownError("too_long", bound)
        return value

    return BeforeValidator(check)
