"""A chapter that fails is a row that is missed; the rest goes on."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from bench import chapters
from bench.chapters import Run
from bench.comparison.frameworks import Frameworks
from bench.figures import Row
from bench.installation import Bench
from bench.sizes import QUICK


class _Bench:
    sizes = QUICK
    stack = None


def _run(tmp_path: Path, *wanted: str) -> Run:
    wanted = wanted or ("growth", "boards")
    return Run(cast("Bench", _Bench()), wanted, tmp_path / "results.json", {"kind": "trial"})


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ValueError("no such column"), "ValueError: no such column"),
        (ExceptionGroup("several", [OSError("gone")]), "ExceptionGroup: several (1 sub-exception)"),
    ],
)
async def test_the_next_chapter_goes_on_and_the_failure_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    async def fails(_bench: Any) -> Sequence[Row]:
        raise error

    async def measures(_bench: Any) -> Sequence[Row]:
        return [Row.of("board", "requests/s", [5.0], load=0.0)]

    monkeypatch.setattr(chapters, "measure_growth", fails)
    monkeypatch.setattr(chapters, "measure_boards", measures)
    run = _run(tmp_path)
    await run.all()
    failure, board = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert failure["name"] == "chapter `growth` could not be measured"
    assert failure["met"] is False
    assert failure["details"] == {"why": why}
    assert board["name"] == "board"


async def test_rows_stand_in_the_order_of_chapters_each_with_the_load_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def boards(_bench: Any) -> Sequence[Row]:
        return [Row.of("board", "requests/s", [5.0], load=2.0), Row.of("304", "requests/s", [5.0], load=3.0)]

    async def parts(_bench: Any) -> Sequence[Row]:
        return [Row.of("bulk at most", "events/s", [5.0], load=1.0)]

    async def busy() -> float:
        return 42.0

    monkeypatch.setattr(chapters, "measure_boards", boards)
    monkeypatch.setattr(chapters, "measure_parts", parts)
    monkeypatch.setattr(chapters, "others_at_work", busy)
    monkeypatch.setattr(chapters, "load_average", lambda: 0.5)
    run = _run(tmp_path, "boards", "parts")
    await run.all()
    assert [(row.name, row.load_before) for row in run.rows] == [
        ("bulk at most", 0.5),
        ("board", 0.5),
        ("304", 2.0),
    ]
    told = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert [row["others_percent_of_a_core_before"] for row in told] == [42.0, 42.0, 42.0]
    assert capsys.readouterr().out.count("other processes take 42 % of a core") == 2


async def test_a_chapter_that_does_not_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(_bench: Any) -> Sequence[Row]:
        await asyncio.Event().wait()
        return []

    async def measures(_bench: Any) -> Sequence[Row]:
        return []

    class Short:
        longest_chapter = 0.01

    monkeypatch.setattr(chapters, "measure_growth", hangs)
    monkeypatch.setattr(chapters, "measure_boards", measures)
    monkeypatch.setattr(_Bench, "sizes", Short)
    run = _run(tmp_path)
    await run.all()
    assert [row.met for row in run.rows] == [False]


@pytest.mark.parametrize("error", [None, OSError("no network")])
async def test_nothing_is_measured_while_the_frameworks_are_being_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    done: list[str] = []

    async def install(_frameworks: Any) -> Path:
        await asyncio.sleep(0)
        done.append("installed")
        if error:
            raise error
        return tmp_path

    async def boards(_bench: Any) -> Sequence[Row]:
        done.append("boards")
        return []

    async def comparison(_bench: Any, interpreter: Path) -> Sequence[Row]:
        done.append(f"compared by {interpreter}")
        return []

    monkeypatch.setattr(Frameworks, "_install", install)
    monkeypatch.setattr(chapters, "measure_boards", boards)
    monkeypatch.setattr(chapters, "measure_comparison", comparison)
    run = _run(tmp_path, "boards", "comparison")
    await run.all()
    assert done == ["installed", "boards", *([] if error else [f"compared by {tmp_path}"])]
    assert [row.details["why"] for row in run.rows] == (["OSError: no network"] if error else [])
