"""A release is all that it is made of."""

from pathlib import Path

import pytest

from shared.rebuilding.release import digest_of


def _release(folder: Path) -> Path:
    for name, text in (("rules.py", "LEAST = 2\n"), ("policies/default.json", "{}"), ("__init__.py", "")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_equal_code_is_one_release_wherever_it_stands(tmp_path: Path) -> None:
    here, there = _release(tmp_path / "here"), _release(tmp_path / "there")
    (there / "__pycache__").mkdir()
    (there / "__pycache__" / "rules.cpython-311.pyc").write_bytes(b"compiled")
    assert digest_of(here) == digest_of(there)


@pytest.mark.parametrize("file", ["rules.py", "policies/default.json", "policies/new.json"])
def test_another_rule_or_policy_is_another_release(tmp_path: Path, file: str) -> None:
    before = digest_of(_release(tmp_path))
    (tmp_path / file).write_text("LEAST = 3\n")
    assert digest_of(tmp_path) != before


def test_a_file_that_moves_is_another_release(tmp_path: Path) -> None:
    before = digest_of(_release(tmp_path))
    (tmp_path / "rules.py").rename(tmp_path / "policies" / "rules.py")
    assert digest_of(tmp_path) != before
