"""What a record says beside its value. Anybody may have written it: nothing here fails, whatever that is."""

from datetime import UTC, datetime
from typing import Final

from aiokafka.structs import ConsumerRecord

from shared.events.envelope import ReadHeaders

_MOST_DIGITS: Final = 18
"""What a bigint holds whatever they are; and it can still be raised above."""


def headers_of(record: ConsumerRecord) -> ReadHeaders:
    """Of equal names the last. aiokafka's types deny that a header may have no value."""
    return dict(record.headers)


def number_in(headers: ReadHeaders, name: str) -> int | None:
    """A version or the count of a contract; None where it is none."""
    digits = headers.get(name) or b""
    return int(digits) if digits.isdigit() and len(digits) <= _MOST_DIGITS else None


def written_at(record: ConsumerRecord) -> datetime:
    """The broker refuses times to come; what lies before 1970, be it out of the calendar, counts as 1970."""
    return datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC)
