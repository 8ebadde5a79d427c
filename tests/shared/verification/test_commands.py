"""`verify` on the command line: what it takes, what it prints, with which status it ends."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any, Final

import pytest

from shared.commands.command import Desk
from shared.db.session import Database, driver_of
from shared.verification.commands import Followed, verify_command
from shared.verification.differences import Difference, Kind
from shared.verification.examination import Check, Examination
from shared.verification.held import Held
from shared.verification.views import View
from tests.shared.items import PUBLISHED, Settings
from tests.shared.verification.test_held import THINGS

HELD: Final = Held(View(THINGS, "core", {}), "derived.thing", "version", {})
NOWHERE: Final = "http://127.0.0.1:9"


async def _fine(examination: Examination) -> None:
    await examination.went_through(3)


async def _wrong(examination: Examination) -> None:
    for number in range(4):
        examination.expect(str(number), {"sum": 1, "same": 1}, {"sum": None, "same": 1}, cause="changed by hand")
    examination.found(Difference(Kind.MISSING, "other", "k", {}, "lost"))
    await examination.went_through(5)


async def _left_off(examination: Examination) -> None:
    examination.is_complete = False


async def _broken(examination: Examination) -> None:
    async with examination.database.reading() as session:
        await (await driver_of(session)).fetch("SELECT * FROM derived.nothing")


def _parsed(*words: str) -> Namespace:
    parser = ArgumentParser()
    verify_command([]).add_arguments(parser)
    return parser.parse_args(words)


async def _run(database: Database, checks: list[Any], *words: str, followed: bool = False) -> int:
    command = verify_command(
        [Check(check.__name__, check) for check in checks],
        [Followed(HELD, url=lambda _: NOWHERE)] if followed else [],
    )
    desk = Desk(database, (), PUBLISHED, Settings(database_url=""))
    return await command.run(desk, _parsed("--pace", "1", *words))


async def test_no_difference_is_status_0(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert await _run(database, [_fine]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["of", "compared", "how", "differences", "moving", "seconds"]
    assert lines[1].split()[:5] == ["_fine", "3", "recomputed", "0", "0"]
    assert lines[-1] == "0 differences"


async def test_differences_are_listed_and_counted(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert await _run(database, [_fine, _wrong], "--most", "2") == 1
    printed = capsys.readouterr().out
    assert printed.count("changed by hand") == 2
    assert "DERIVATION  _wrong  0    sum    1         -      changed by hand" in printed
    assert "same" not in printed
    assert printed.endswith("5 differences, 2 listed\n")
    assert await _run(database, [_wrong]) == 1
    assert "MISSING     other   k    -      -         -      lost" in capsys.readouterr().out


async def test_json_is_for_programs(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert await _run(database, [_wrong], "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["count"], told["checks"][0]["compared"]) == (5, 5)
    assert told["differences"][0] == {
        "kind": "DERIVATION",
        "of": "_wrong",
        "key": "0",
        "fields": {"sum": [1, None]},
        "cause": "changed by hand",
    }


async def test_what_could_not_be_done_is_status_2(
    database: Database, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert await _run(database, [_fine], followed=True) == 2
    assert await _run(database, [_broken]) == 2
    printed = capsys.readouterr()
    assert "\n0 differences, but not to the end of test.things\n" in printed.out
    assert printed.out.endswith("\n0 differences, but not to the end of _broken\n")
    assert await _run(database, [], "--token-file", str(tmp_path / "nothing"), followed=True) == 2
    last = capsys.readouterr()
    assert last.out == ""
    assert (printed.err + last.err).splitlines() == [
        f"could not be verified: test at {NOWHERE}/internal/v1/states/core: ConnectError",
        "could not be verified: UndefinedTableError, SQLSTATE 42P01",
        f"could not be verified: {tmp_path / 'nothing'}: No such file or directory",
    ]


async def test_what_was_found_before_it_could_not_go_on_is_told(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await _run(database, [_wrong], "--json", followed=True) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["count"], told["incomplete"]) == (5, ["test.things"])
    assert {one["of"] for one in told["differences"]} == {"_wrong", "other"}


async def test_without_a_difference_it_must_have_come_to_the_end(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await _run(database, [_left_off]) == 2
    assert await _run(database, [_wrong, _left_off]) == 1
    assert "5 differences, but not to the end of _left_off" in capsys.readouterr().out


async def test_an_upstream_that_is_no_service_is_refused(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        await _run(database, [], "--upstream", f"placment={NOWHERE}", followed=True)
    assert ended.value.code == 2
    assert "--upstream placment: the services are profile, " in capsys.readouterr().err
    assert await _run(database, [], "--upstream", f"placement={NOWHERE}") == 0


async def test_only_one_half_is_done_on_request(database: Database) -> None:
    assert await _run(database, [_fine], "--only", "own", followed=True) == 0
    assert await _run(database, [_wrong], "--only", "upstream") == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--pace", "0"),
        ("--pace", "1.1"),
        ("--pace", "fast"),
        ("--pace", "nan"),
        ("--patience", "-1"),
        ("--patience", "3601"),
        ("--most", "0"),
        ("--upstream", "profile"),
        ("--only", "both"),
    ],
)
def test_arguments_out_of_bounds_are_refused(words: tuple[str, str]) -> None:
    with pytest.raises(SystemExit):
        _parsed(*words)


async def test_it_rests_by_the_pace_and_tells_how_far_it_is(
    database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter([0.0, 3.0, 3.0, 4.0, 4.0])
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr("shared.verification.examination.monotonic", lambda: next(now))
    # There alone: a server that runs beside it would go round without ever giving the loop back.
    monkeypatch.setattr("shared.verification.examination.sleep", rest)
    examination = Examination("things", database, pace=0.25)
    await examination.went_through(2000)
    await examination.went_through(1)
    assert rests == [9.0, 3.0]
    assert capsys.readouterr().err == "things: 2,000 compared, 0 different\n"
    # It was at work for a second before it waited, and for another one behind.
    now = iter([5.0, 15.0, 16.0, 16.0])
    await examination.wait(10)
    await examination.went_through(0)
    assert rests[2:] == [10, 6.0]
