"""What a record says beside its value, whoever wrote it."""

from datetime import UTC, datetime

import pytest
from aiokafka.structs import ConsumerRecord

from shared.kafka.record import headers_of, number_in, written_at


def _record(timestamp: int = 0, headers: tuple[tuple[str, bytes | None], ...] = ()) -> ConsumerRecord:
    return ConsumerRecord("test.items", 0, 0, timestamp, 0, b"k", b"{}", None, 1, 2, headers)


def test_of_equal_headers_the_last_counts() -> None:
    record = _record(headers=(("a", b"1"), ("b", b"2"), ("a", None)))
    assert headers_of(record) == {"a": None, "b": b"2"}


@pytest.mark.parametrize(("told", "number"), [(b"0", 0), (b"7", 7), (b"007", 7), (b"9" * 18, 10**18 - 1)])
def test_a_number_is_read(told: bytes, number: int) -> None:
    assert number_in({"ce_sequence": told}, "ce_sequence") == number


@pytest.mark.parametrize(
    "told",
    [None, b"", b"many", b"-1", b"+1", b" 1", b"1_0", b"1.0", "٣".encode(), b"\xff", b"9" * 19, b"9" * 5000],
)
def test_what_no_version_column_holds_is_none(told: bytes | None) -> None:
    assert number_in({"ce_sequence": told}, "ce_sequence") is None
    assert number_in({}, "ce_sequence") is None


@pytest.mark.parametrize(
    ("timestamp", "time"),
    [
        (1_764_000_000_000, datetime(2025, 11, 24, 16, tzinfo=UTC)),
        (-1, datetime(1970, 1, 1, tzinfo=UTC)),
        (-(2**62), datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_out_of_the_calendar_is_an_old_one(timestamp: int, time: datetime) -> None:
    assert written_at(_record(timestamp)) == time
