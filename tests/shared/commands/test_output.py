"""What commands print and take."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta

import pytest

from shared.commands import output
from shared.commands.arguments import instant, positive
from shared.commands.output import Telling, ago, plain, say_table

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_columns_are_aligned_under_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    say_table([{"id": 7, "reason": "no value"}, {"id": 1234, "reason": None}])
    assert capsys.readouterr().out == "id    reason\n7     no value\n1234  -\n"


def test_text_from_outside_cannot_steer_the_terminal() -> None:
    assert plain("\x1b[2J\nx") == "\\u001b[2J\\nx"
    assert plain(NOW) == "2026-11-24T08:00:00Z"


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (timedelta(seconds=-1), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=61), "1 h"),
        (timedelta(days=3, hours=5), "3 d"),
    ],
)
def test_an_age_is_told_in_the_unit_that_says_most(age: timedelta, told: str) -> None:
    assert ago(NOW - age, NOW) == told


def test_times_without_a_zone_are_utc() -> None:
    assert instant("2026-11-24T08:00") == NOW
    assert instant("2026-11-24T15:00+07:00") == NOW
    with pytest.raises(ArgumentTypeError):
        instant("yesterday")


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "²", "9999999999999"])
def test_a_bound_is_a_whole_number_from_1(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        positive(text)


def test_how_far_it_is_is_told_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = Telling()
    telling("too soon")
    monkeypatch.setattr(output, "_TELLING_PERIOD", 0.0)
    telling("20,000 compared")
    assert capsys.readouterr() == ("", "20,000 compared\n")
