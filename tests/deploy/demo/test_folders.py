"""The folders are layers: three foundations, three chapters on them, and one file that tells all three."""

import ast
from pathlib import Path

import pytest

from deploy import demo

ROOT = Path(demo.__file__).parent
SHARED = {"errors", "progress"}
FOUNDATIONS = {
    "population": set[str](),
    "recomputation": {"population"},
    "installation": SHARED,
}
CHAPTERS = {name: {*FOUNDATIONS, *SHARED} for name in ("loading", "story", "verification")}
MAY_USE = FOUNDATIONS | CHAPTERS


def used_by(folder: str) -> set[str]:
    """The parts of the demonstration that the files of a folder import, but for the folder itself."""
    names = set()
    for path in (ROOT / folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("deploy."):
                names.add(node.module.split(".")[2])
    return names - {folder}


def test_every_folder_has_its_layer() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(MAY_USE)


@pytest.mark.parametrize("folder", MAY_USE)
def test_a_folder_uses_only_what_it_stands_on(folder: str) -> None:
    assert used_by(folder) <= MAY_USE[folder]
